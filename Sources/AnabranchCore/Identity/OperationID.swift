/// Names a change: the log it stands in and its number there, counted from 1.
public struct ChangeID: Hashable, Comparable, Sendable {
  /// The log.
  public var log: LogID
  /// The number in that log; the first is 1.
  public var sequence: UInt32

  /// Change `sequence` of `log`.
  public init(log: LogID, sequence: UInt32) {
    self.log = log
    self.sequence = sequence
  }

  /// By log, then by place in the log.
  public static func < (a: Self, b: Self) -> Bool {
    (a.log, a.sequence) < (b.log, b.sequence)
  }
}

/// Names an operation: its change, and where its span of identifiers starts within that change.
///
/// An operation that inserts text takes one identifier a Unicode scalar, so the index counts identifiers,
/// not operations.
public struct OperationID: Hashable, Comparable, Sendable {
  /// The log.
  public var log: LogID
  /// The change's number in that log.
  public var sequence: UInt32
  /// The first identifier of the operation within its change, from 0.
  public var index: UInt32

  /// The operation of `log` whose identifiers start at `index` of change `sequence`.
  public init(log: LogID, sequence: UInt32, index: UInt32) {
    self.log = log
    self.sequence = sequence
    self.index = index
  }

  /// The greatest index there can be.
  public static let indexMax: UInt32 = 1 << 19 - 1

  /// The change it stands in.
  public var change: ChangeID {
    ChangeID(log: log, sequence: sequence)
  }

  /// By log, then by place in the log.
  public static func < (a: Self, b: Self) -> Bool {
    (a.log, a.sequence, a.index) < (b.log, b.sequence, b.index)
  }
}
