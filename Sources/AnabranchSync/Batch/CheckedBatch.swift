public import AnabranchCore
public import AnabranchWire

/// What a replica is to make of a batch that came.
public enum CheckedBatch: Hashable, Sendable {
  /// What is new of it is to be stored at once, with the authors' words for it.
  case accepted(Acceptance)
  /// It has another change where the replica has this one: its log is to be cut before that. First what was accepted before is to be
  /// stored; then the batch is to be checked again, all in one transaction.
  case forked(at: ChangeID, Acceptance)
  /// What is left out of it has the signatures that would prove something else that is new. Nothing of it is to be stored, and what was
  /// stored before its logs were cut is to be taken back; then it is to be checked again, from the start, without that too; see
  /// ``IncomingBatch/leavingOut(_:)``.
  case unproved([Exclusion])
  /// It is not what the format says, or not what its authors wrote, and nothing of it may be kept; in words for the peer.
  case refused(String)

  /// What is to be stored.
  public struct Acceptance: Hashable, Sendable {
    /// What logs are founded on that are not known here and that the changes name: branches by which somebody else reckons, and what
    /// they are parts of.
    public var names: [LogHeader] = []
    /// Branches of forked logs that begin with some of the changes.
    public var branches: [Branch] = []
    /// The changes, in causal order, each building on what is held.
    public var changes: [SealedChange] = []
    /// The authors' words for them, and for what was held already.
    public var checkpoints: [Checkpoint] = []
    /// From where on logs are left out.
    public var excluded: [Exclusion] = []
    /// Of the logs of the batch that are called otherwise here, what their sender holds of them, as it is called here.
    public var places: [LogID: VersionVector] = [:]
  }

  /// A branch that begins.
  public struct Branch: Hashable, Sendable {
    /// What it is founded on.
    public var header: LogHeader
    /// The log that it goes on from, at its end.
    public var parent: LogID
  }
}
