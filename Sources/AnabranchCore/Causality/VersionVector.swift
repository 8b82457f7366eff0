/// For each log, the highest sequence held. Since logs have no gaps, it says exactly which changes are held.
///
/// Mattern, "Virtual Time and Global States of Distributed Systems", 1989. A log that is not listed is at 0.
public struct VersionVector: Hashable, Sendable {
  private var sequences: [LogID: UInt32]

  /// The vector that holds nothing.
  public init() {
    sequences = [:]
  }

  /// The vector of those sequences; zeros are as good as absent.
  public init(_ sequences: some Sequence<(LogID, UInt32)>) {
    self.init()
    for (log, sequence) in sequences {
      self[log] = Swift.max(self[log], sequence)
    }
  }

  /// The highest sequence of `log` that is held; 0 for none.
  public subscript(log: LogID) -> UInt32 {
    get { sequences[log] ?? 0 }
    set { sequences[log] = newValue == 0 ? nil : newValue }
  }

  /// Whether it holds nothing.
  public var isEmpty: Bool {
    sequences.isEmpty
  }

  /// How many logs it holds something of.
  public var count: Int {
    sequences.count
  }

  /// Every log and its highest sequence, in ascending order of logs. O(n log n).
  public var entries: [(log: LogID, sequence: UInt32)] {
    sequences.map { (log: $0.key, sequence: $0.value) }.sorted { $0.log < $1.log }
  }

  /// How many changes it holds.
  public var changes: UInt64 {
    sequences.values.reduce(0) { $0 + UInt64($1) }
  }

  /// Whether `change` is held.
  public func contains(_ change: ChangeID) -> Bool {
    change.sequence <= self[change.log]
  }

  /// Whether all that `other` holds is held. O(logs of `other`).
  public func includes(_ other: VersionVector) -> Bool {
    other.sequences.allSatisfy { $0.value <= self[$0.key] }
  }

  /// How this relates to `other`. O(logs of both).
  public func relation(to other: VersionVector) -> CausalRelation {
    switch (other.includes(self), self.includes(other)) {
    case (true, true): .equal
    case (true, false): .before
    case (false, true): .after
    case (false, false): .concurrent
    }
  }

  /// Takes over all that `other` holds: the least vector that includes both. O(logs of both).
  public mutating func merge(_ other: VersionVector) {
    // Many sessions with equal devices then have one vector in memory, and not a copy each.
    if other.count >= count, other.includes(self) {
      self = other
      return
    }
    for (log, sequence) in other.sequences where sequence > self[log] {
      sequences[log] = sequence
    }
  }

  /// The least vector that includes both.
  public func merging(_ other: VersionVector) -> VersionVector {
    var result = self
    result.merge(other)
    return result
  }

  /// How many changes this holds and `other` does not. O(logs).
  public func changes(missingFrom other: VersionVector) -> UInt64 {
    sequences.reduce(0) { $0 + UInt64($1.value - min($1.value, other[$1.key])) }
  }

  /// What this holds and `other` does not, as one range of sequences a log, in ascending order of logs.
  public func missing(from other: VersionVector) -> [(log: LogID, sequences: ClosedRange<UInt32>)] {
    entries.compactMap { log, last in
      let held = other[log]
      return held < last ? (log: log, sequences: held + 1...last) : nil
    }
  }
}
