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
  /// What to call changes of a log: `change 4 of laptop`, `changes 4 to 7 of laptop`.
  func called(_ changes: ClosedRange<UInt32>, of log: LogID) -> String {
    "\(changes.called) of \(called(log))"
  }
}

extension ClosedRange<UInt32> {
  /// What to call changes of these numbers: `change 4`, `changes 4 to 7`.
  var called: String { count == 1 ? "change \(numbers)" : "changes \(numbers)" }

  /// `4`, `4 to 7`.
  var numbers: String { count == 1 ? "\(lowerBound)" : "\(lowerBound) to \(upperBound)" }
}
