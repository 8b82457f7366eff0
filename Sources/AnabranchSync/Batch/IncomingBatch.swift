public import AnabranchCore

/// Changes that came from a peer and are to be stored, in causal order, some perhaps held already.
///
/// Their numbers were checked, nothing else: see ``checked(against:isSigned:)``.
public struct IncomingBatch: Hashable, Sendable {
  /// Consecutive changes of one log.
  public struct Run: Hashable, Sendable {
    /// The log.
    public var log: LogID
    /// What the log is founded on, as the peer announced it; the log's name is its hash, so it is right. To be
    /// registered where the log is new.
    public var header: LogHeader
    /// The sequence of the first of them.
    public var first: UInt32
    /// Their bytes, in order; at least one.
    public var changes: [[UInt8]]

    /// The last sequence of the run. The frame's decoder has checked that it fits.
    var last: UInt32 {
      first &+ UInt32(truncatingIfNeeded: changes.count) &- 1
    }
  }

  /// The runs, in causal order.
  public var runs: [Run]
  /// The branches that the peer has announced, and the logs that they are parts of, by name: changes may name them.
  public var headers: [LogID: LogHeader]
  /// For each log of the runs, its author's signature at the last change that they have of it.
  public var signatures: [LogID: [UInt8]]
  /// What the session leaves out. What the runs have of it is not to be stored, but it takes the signature to prove what came
  /// before it.
  var exclusions: Exclusions
}
