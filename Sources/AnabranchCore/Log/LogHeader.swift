/// What a log is founded on; the log's identifier is a hash of it.
public enum LogHeader: Hashable, Sendable {
  /// A log that a device opened: its Ed25519 public key and sixteen random bytes, so that it can open others.
  case device(key: Digest, nonce: Bytes16)
  /// One branch of a forked log: from change `first` on, whose hash is `hash`, it is a log of its own.
  case branch(of: LogID, first: UInt32, hash: Digest)

  /// Whether it is a branch.
  public var isBranch: Bool {
    if case .branch = self { return true }
    return false
  }
}

/// How far a log is held: its last change and that change's hash, which pins all before it.
public struct LogHead: Hashable, Sendable {
  /// The last sequence held; 0 for a log of which nothing is held yet.
  public var sequence: UInt32
  /// The hash of that change; for sequence 0 the log's founding hash.
  public var hash: Digest

  /// The head at `sequence`.
  public init(sequence: UInt32, hash: Digest) {
    self.sequence = sequence
    self.hash = hash
  }
}
