internal import Anabranch

/// What devices are called, by the logs that they write.
extension [LogID: String] {
  /// What to call a log whose changes are told by their numbers: as its device, and where another log is called so too, as after a
  /// repair or a restore, with the beginning of its identifier behind that; by this alone where nobody knows the device. O(logs).
  func called(_ log: LogID) -> String {
    let beginning = String(log.description.prefix(8))
    guard let name = self[log] else { return beginning }
    return count { $0.value == name } > 1 ? "\(name) (\(beginning))" : name
  }
}
