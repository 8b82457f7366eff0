internal import Anabranch

/// What devices are called, by the logs that they write.
struct LogNames: Sendable {
  private var names: [LogID: String]
  /// How many logs have each name: more than one have it after a repair or a restore.
  private var counts: [String: Int]

  /// O(logs).
  init(_ names: [LogID: String]) {
    self.names = names
    counts = Dictionary(names.values.map { ($0, 1) }, uniquingKeysWith: +)
  }

  /// The logs whose devices are known.
  var logs: Dictionary<LogID, String>.Keys { names.keys }

  /// What people call the device that writes `log`; nil where nobody knows it. O(1).
  subscript(log: LogID) -> String? {
    get { names[log] }
    set {
      if let before = names[log], let count = counts[before] { counts[before] = count > 1 ? count - 1 : nil }
      names[log] = newValue
      if let newValue { counts[newValue, default: 0] += 1 }
    }
  }

  /// What to call a log whose changes are told by their numbers: as its device, and where another log is called so too, with the
  /// beginning of its identifier behind that; by this alone where nobody knows the device. O(1).
  func called(_ log: LogID) -> String {
    let beginning = String(log.description.prefix(8))
    guard let name = names[log] else { return beginning }
    return counts[name, default: 0] > 1 ? "\(name) (\(beginning))" : name
  }

  /// What to call changes of a log: `change 4 of laptop`, `changes 4 to 7 of laptop`.
  func called(_ changes: ClosedRange<UInt32>, of log: LogID) -> String {
    "\(changes.called) of \(called(log))"
  }
}

extension LogNames: ExpressibleByDictionaryLiteral {
  init(dictionaryLiteral names: (LogID, String)...) {
    self.init(Dictionary(names) { _, last in last })
  }
}

extension Replica {
  /// What people call the devices that write the logs, as far as this replica has met them.
  func logNames() throws(AnabranchError) -> LogNames {
    LogNames(try names())
  }
}

extension ClosedRange<UInt32> {
  /// What to call changes of these numbers: `change 4`, `changes 4 to 7`.
  var called: String { count == 1 ? "change \(numbers)" : "changes \(numbers)" }

  /// `4`, `4 to 7`.
  var numbers: String { count == 1 ? "\(lowerBound)" : "\(lowerBound) to \(upperBound)" }
}
