public import AnabranchCore

/// Changes that a host read for a peer: in causal order, each log without gaps from where the request said, and up to a change
/// at which its author signed it.
public struct ReadBatch: Hashable, Sendable {
  /// Consecutive changes of one log.
  public struct Run: Hashable, Sendable {
    /// The log.
    public var log: LogID
    /// What the log is founded on.
    public var header: LogHeader
    /// The sequence of the first of them.
    public var first: UInt32
    /// Their canonical bytes, in order; at least one.
    public var changes: [[UInt8]]
    /// What each of them depends on.
    public var dependencies: [[ChangeID]]
  }

  /// The runs, in causal order. Empty only if there was nothing to read.
  public var runs: [Run]
  /// The authors' words for what is in the runs: for each log one at its last change, and perhaps others before that.
  public var checkpoints: [Checkpoint]
  /// The branches that are known, and the logs that they are parts of: dependencies may name them.
  public var headers: [LogHeader] = []
  /// From where on logs that were asked for cannot be sent, since something they need is not signed.
  public var unsigned: [ChangeID] = []

  /// A batch of those runs.
  public init(runs: [Run] = [], checkpoints: [Checkpoint] = []) {
    self.runs = runs
    self.checkpoints = checkpoints
  }

  /// Adds the next change in causal order.
  public mutating func append(_ change: ChangeID, header: LogHeader, bytes: [UInt8], dependencies: [ChangeID]) {
    if let last = runs.last, last.log == change.log,
      UInt64(last.first) + UInt64(last.changes.count) == UInt64(change.sequence)
    {
      runs[runs.count - 1].changes.append(bytes)
      runs[runs.count - 1].dependencies.append(dependencies)
    } else {
      runs.append(
        Run(
          log: change.log, header: header, first: change.sequence, changes: [bytes], dependencies: [dependencies]))
    }
  }
}
