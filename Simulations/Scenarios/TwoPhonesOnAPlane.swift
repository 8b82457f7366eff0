internal import AnabranchCore
internal import SimulationKit

extension Scenarios {
  static let twoPhonesOnAPlane = Scenario(
    "two-phones-on-a-plane",
    "Two phones go on with the same conversation for ten hours without a network; one renames it, one deletes it.",
    devices: ["his", "hers", "home"]
  ) { stage in
    let (his, hers, home) = (stage["his"], stage["hers"], stage["home"])
    let trip = try home.start("Trip")
    try home.say("where do we go?", in: trip)
    try stage.settle()

    stage.disconnect("his")
    stage.disconnect("hers")
    try his.say("to the sea", in: trip)
    try stage.pass(.seconds(60))
    try hers.say("to the mountains", in: trip)
    try stage.pass(.hours(5))
    try his.say("it will be warm", in: trip)
    try hers.title(trip, "Summer")
    try his.delete(trip)
    try stage.pass(.hours(5))
    stage.reconnect("his")
    stage.reconnect("hers")
    try stage.settle()

    for device in stage.devices {
      try stage.expect(!device.hasDeleted(trip), "\(device.name) has the trip back: hers went on with it")
      try stage.expect(device.title(of: trip) == "Summer", "\(device.name) reads the new title")
      try stage.expect(
        device.reading(of: trip) == ["where do we go?", "to the sea", "it will be warm", "to the mountains"],
        "\(device.name) reads one chat after the other")
    }
  }
}
