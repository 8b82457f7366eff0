public import AnabranchCore
public import AnabranchWire

/// What a replica is to make of a batch that came.
public enum CheckedBatch: Hashable, Sendable {
  /// These changes are new, in causal order, each builds on what is held, and all are to be stored at once, with their
  /// authors' words for them. From `excluded` on, logs are left out.
  case accepted([SealedChange], checkpoints: [Checkpoint], excluded: [Exclusion])
  /// It is not what the format says, or not what its authors wrote, and nothing of it may be kept; in words for the peer.
  case refused(String)
}
