/// What a log is founded on; the log's identifier is a hash of it.
public enum LogHeader: Hashable, Sendable {
  /// A log that a device opened: its Ed25519 public key and sixteen random bytes, so that it can open others.
  case device(key: Digest, nonce: Bytes16)
  /// One branch of a forked log: from change `first` on, whose hash is `hash`, it is a log of its own.
  case branch(of: LogID, first: UInt32, hash: Digest)
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

/// An author's word for its log up to a head: an Ed25519 signature over log, sequence and hash.
public struct Checkpoint: Hashable, Sendable {
  /// The change the log was signed at.
  public var change: ChangeID
  /// That change's hash.
  public var hash: Digest
  /// The signature, 64 bytes. Never hashed and never compared: a signer may give another one each time.
  public var signature: [UInt8]

  /// `signature` over the log up to `change`.
  public init(change: ChangeID, hash: Digest, signature: [UInt8]) {
    self.change = change
    self.hash = hash
    self.signature = signature
  }
}
