internal import AnabranchCore

/// The places from which on logs are left out of a session, at most one a log.
struct Exclusions: Hashable, Sendable {
  private var firsts: [LogID: UInt32] = [:]

  /// Whether nothing is left out, as nearly always.
  var isEmpty: Bool {
    firsts.isEmpty
  }

  /// Whether `change` is left out.
  func contains(_ change: ChangeID) -> Bool {
    firsts[change.log].map { $0 <= change.sequence } ?? false
  }

  /// Whether `change` may be left out, under whatever name: what was left out of a forked log bears its sender's name for it, and
  /// who builds on it may have known fewer branches than the sender, or more. O(left out).
  func contains(_ change: ChangeID, among branches: Branches) -> Bool {
    let original = branches.original(change)
    return firsts.contains { log, first in
      let left = branches.original(ChangeID(log: log, sequence: first))
      return left.log == original.log && left.sequence <= original.sequence
    }
  }

  /// Leaves out what `exclusion` says too. Returns whether that was more than before.
  @discardableResult
  mutating func insert(_ exclusion: Exclusion) -> Bool {
    insert(from: exclusion.first)
  }

  /// Leaves out a log from `first` on. Returns whether that was more than before.
  @discardableResult
  mutating func insert(from first: ChangeID) -> Bool {
    guard !contains(first) else { return false }
    firsts[first.log] = first.sequence
    return true
  }

  /// What of `vector` is not left out. O(left out), or O(1) where nothing is.
  func included(of vector: VersionVector) -> VersionVector {
    guard !isEmpty else { return vector }
    var included = vector
    for (log, first) in firsts where included[log] >= first { included[log] = first - 1 }
    return included
  }

  /// The last sequence of `log` up to `sequence` that is not left out; 0 for none.
  func lastIncluded(of log: LogID, upTo sequence: UInt32) -> UInt32 {
    // An exclusion starts at 1 or later.
    firsts[log].map { min(sequence, $0 - 1) } ?? sequence
  }
}
