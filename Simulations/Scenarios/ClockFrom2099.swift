internal import AnabranchCore
internal import SimulationKit

extension Scenarios {
  /// Milliseconds from the beginning of a run to the year 2099.
  private static let aheadMs: Int64 = 2_400_000_000_000

  static let clockFrom2099 = Scenario(
    "clock-from-2099",
    "A tablet believes it is 2099 and renames things: its work is kept, nobody else's clock follows, later words win.",
    devices: ["tablet", "laptop"]
  ) { stage in
    let (tablet, laptop) = (stage["tablet"], stage["laptop"])
    let plan = try laptop.start("Plan")
    try stage.settle()
    tablet.setClock(aheadMs: aheadMs)
    try tablet.title(plan, "Plan of 2099")
    try tablet.say("hello from the future", in: plan)
    try stage.settle()
    try stage.expect(laptop.title(of: plan) == "Plan of 2099", "what the tablet wrote is kept")
    // Who has seen a value wins over it, whatever the clocks say.
    try laptop.title(plan, "Plan")
    try stage.settle()
    try stage.expect(tablet.title(of: plan) == "Plan", "a later word wins over one from the future")
    tablet.setClock(aheadMs: 0)
    try tablet.say("back in time", in: plan)
    try stage.settle()
  }
}
