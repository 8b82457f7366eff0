internal import AnabranchCore
internal import SimulationKit

extension Scenarios {
  static let offForAYear = Scenario(
    "off-for-a-year",
    "An old phone lies in a drawer for a year with words nobody has seen; then it is charged.",
    devices: ["old", "laptop", "phone"]
  ) { stage in
    let (old, laptop, phone) = (stage["old"], stage["laptop"], stage["phone"])
    let shared = try laptop.start("Shared")
    try stage.settle()
    stage.disconnect("old")
    try old.say("before the drawer", in: shared)
    old.kill(for: .hours(24 * 365))
    for month in 1...12 {
      try (month % 2 == 0 ? laptop : phone).say("month \(month)", in: shared)
      try laptop.title(shared, "Shared, month \(month)")
      if month == 6 { try phone.delete(shared) }
      try stage.pass(.seconds(60))
      // Nobody leaves the programs running for a month.
      laptop.kill(for: .hours(24 * 30))
      phone.kill(for: .hours(24 * 30))
      try stage.pass(.hours(24 * 30 + 1))
    }
    stage.reconnect("old")
    laptop.kill(for: .hours(24 * 5))
    phone.kill(for: .hours(24 * 5))
    try stage.pass(.hours(24 * 5 + 1))
    try stage.settle()
    try stage.expect(old.title(of: shared) == "Shared, month 12", "the old phone has caught up")
    try stage.expect(laptop.reading(of: shared).contains("before the drawer"), "its words arrived")
    try stage.expect(laptop.reading(of: shared).count == 13, "nothing is missing")
  }
}
