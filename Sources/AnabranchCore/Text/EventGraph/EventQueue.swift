/// Events on the way to the beginning, the latest first, each with the versions it was reached from.
///
/// A sorted array: there are as many entries as branches side by side, hence few.
struct EventQueue {
  /// Which of two versions an event lies in.
  struct Side: OptionSet {
    let rawValue: UInt8
    static let a = Side(rawValue: 1)
    static let b = Side(rawValue: 2)
    static let both: Side = [.a, .b]
  }

  typealias Entry = (event: Int, side: Side)

  private var entries: [Entry] = []
  private var unshared = 0

  /// Whether an event is left that lies in one version only.
  var hasUnshared: Bool {
    unshared > 0
  }

  mutating func insert(_ event: Int, _ side: Side) {
    var index = entries.count
    while index > 0, entries[index - 1].event > event { index -= 1 }
    entries.insert((event, side), at: index)
    if side != .both { unshared += 1 }
  }

  /// Removes the latest event and returns it; nil where none is left.
  mutating func popLast() -> Entry? {
    guard let entry = entries.popLast() else { return nil }
    if entry.side != .both { unshared -= 1 }
    return entry
  }

  /// Removes the latest event and returns it; nil where none is left from `start` on.
  mutating func popLast(from start: Int) -> Entry? {
    guard let last = entries.last, last.event >= start else { return nil }
    return popLast()
  }
}

/// Versions on the way to the beginning, each by its heads, the one with the latest head first. No two are equal.
struct VersionQueue {
  private var entries: [[Int]] = []

  var isEmpty: Bool {
    entries.isEmpty
  }

  /// Adds the version with `heads`, which ascend, unless it is there.
  mutating func insert(_ heads: [Int]) {
    var index = entries.count
    while index > 0, Self.isLess(heads, entries[index - 1]) { index -= 1 }
    if index > 0, entries[index - 1] == heads { return }
    entries.insert(heads, at: index)
  }

  mutating func popLast() -> [Int]? {
    entries.popLast()
  }

  /// Removes the latest version and returns it; nil where none has a head from `start` on.
  mutating func popLast(from start: Int) -> [Int]? {
    guard let head = entries.last?.last, head >= start else { return nil }
    return popLast()
  }

  private static func isLess(_ a: [Int], _ b: [Int]) -> Bool {
    a.reversed().lexicographicallyPrecedes(b.reversed())
  }
}
