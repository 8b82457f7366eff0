internal import AnabranchCore
internal import SimulationKit

extension Scenarios {
  static let clonedLaptop = Scenario(
    "cloned-laptop",
    "A laptop is copied whole, and both go on: the disagreement is noticed, and nobody loses what they wrote.",
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

    try stage.expect(laptop.reading(of: notes).contains("from the laptop"), "the laptop has its own words")
    try stage.expect(twin.reading(of: notes).contains("from its twin"), "the twin has its own words")
    phone.kill(for: .seconds(1))
    try stage.pass(.seconds(120))
    try stage.expect(
      stage.devices.contains { $0.excludedLogs > 0 }, "somebody notices that a log has forked")
  }
}
