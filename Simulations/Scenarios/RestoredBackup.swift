internal import AnabranchCore
internal import SimulationKit

extension Scenarios {
  static let restoredBackup = Scenario(
    "restored-backup",
    "A laptop is set back to a backup of last week: what others got meanwhile comes back, and no number is used twice.",
    devices: ["laptop", "phone"]
  ) { stage in
    let (laptop, phone) = (stage["laptop"], stage["phone"])
    let diary = try laptop.start("Diary")
    try laptop.say("monday", in: diary)
    try stage.settle()
    try laptop.backUp()
    try stage.pass(.hours(24))
    try laptop.say("tuesday", in: diary)
    try stage.settle()

    stage.disconnect("laptop")
    try laptop.lose(for: .seconds(1))
    try stage.pass(.seconds(5))
    try stage.expect(laptop.reading(of: diary) == ["monday"], "the laptop is as it was")
    try laptop.say("another tuesday", in: diary)
    stage.reconnect("laptop")
    try stage.settle()
    try stage.expect(
      Set(phone.reading(of: diary)) == ["monday", "tuesday", "another tuesday"], "nothing is lost")
    try stage.expect(phone.excludedLogs + laptop.excludedLogs == 0, "no log has forked")
  }
}
