internal import AnabranchCore
internal import SimulationKit

extension Scenarios {
  static let clonedLaptop = Scenario(
    "cloned-laptop",
    "A laptop is copied whole, and both go on: everybody gets the words of both, and each goes on in a log of its own.",
    devices: ["laptop", "twin", "phone"]
  ) { stage in
    let (laptop, twin, phone) = (stage["laptop"], stage["twin"], stage["phone"])
    let notes = try laptop.start("Notes")
    try stage.settle()
    try laptop.clone(onto: twin)
    stage.disconnect("laptop")
    stage.disconnect("twin")
    try stage.pass(.seconds(30))
    try laptop.say("from the laptop", in: notes)
    try twin.say("from its twin", in: notes)
    stage.reconnect("laptop")
    try stage.pass(.seconds(120))
    stage.reconnect("twin")
    try stage.pass(.seconds(120))

    for device in stage.devices {
      let words = try Set(device.reading(of: notes))
      try stage.expect(
        words == ["from the laptop", "from its twin"], "\(device.name) has the words of both, not \(words)")
      try stage.expect(device.excludedLogs == 0, "\(device.name) leaves nothing out")
    }
    try laptop.say("on the laptop", in: notes)
    try twin.say("on its twin", in: notes)
    try stage.pass(.seconds(120))
    try stage.expect(phone.reading(of: notes).count == 4, "what both write on reaches the phone")
  }
}
