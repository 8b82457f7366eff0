internal import AnabranchCore
internal import SimulationKit

extension Scenarios {
  static let diskFullInMidImport = Scenario(
    "disk-full-in-mid-import",
    "The disk fills up while a history is imported; with room again, the same import completes it.",
    devices: ["laptop", "phone"]
  ) { stage in
    let (laptop, phone) = (stage["laptop"], stage["phone"])
    laptop.setRoom(20_000)
    var refusals = 0
    do { try laptop.importHistory(version: 12) } catch { refusals += 1 }
    try stage.expect(refusals == 1, "the import says that the disk is full")
    try stage.expect(laptop.isRunning, "the program goes on")
    laptop.setRoom(nil)
    let new = try laptop.importHistory(version: 12)
    try stage.expect(new > 0, "there was something left to import")
    try stage.expect(try laptop.importHistory(version: 12) == 0, "and now it is complete")
    try stage.settle()
    try stage.expect(try phone.conversations == laptop.conversations, "the phone has all of it")
    try stage.expect(try phone.importHistory(version: 12) == 0, "importing it there too adds nothing")
  }
}
