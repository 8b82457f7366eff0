internal import AnabranchCore
internal import SimulationKit

extension Scenarios {
  static let answerThatStreams = Scenario(
    "answer-that-streams",
    "An answer streams for a minute on a laptop that dies in mid-sentence; others read along, and have most of it for good.",
    devices: ["laptop", "hub", "phone", "tablet"]
  ) { stage in
    let (laptop, phone) = (stage["laptop"], stage["phone"])
    let talk = try laptop.start("Talk")
    let answer = try laptop.stream([], in: talk)
    try stage.settle()

    var text = ""
    for second in 1...57 {
      text += "word\(second) "
      try laptop.goOn("word\(second) ", with: answer)
      try stage.pass(.seconds(1))
      for device in stage.devices {
        try stage.expect(device.liveReading(of: answer) == text, "\(device.name) reads every word within a second")
      }
    }
    let kept = try phone.reading(ofMessage: answer)
    try stage.expect(text.hasPrefix(kept) && kept.count < text.count, "the history has only what was sealed")
    try stage.expect(kept.contains("word45 "), "what was said twelve seconds ago is there for good")

    laptop.losePower(for: .hours(1))
    try stage.pass(.seconds(20))
    try stage.expect(phone.liveReading(of: answer) == kept, "what nobody will seal for now is shown no longer")
    try stage.pass(.hours(2))
    try stage.settle()
    for device in stage.devices {
      try stage.expect(device.reading(ofMessage: answer) == text, "\(device.name) has all of it, once")
      try stage.expect(device.liveReading(of: answer) == text, "and nothing beside it")
    }
  }
}
