/// An author's word for its log up to a change: an Ed25519 signature over log, sequence and hash, which pins all before it.
///
/// It stands beside the log, never inside: whoever passes changes on passes on a checkpoint at the last of them, and whoever takes
/// them over checks that first. RFC 8032.
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

  /// The same for the change that is called `change` here; see ``Branches/original(_:)``.
  public func named(_ change: ChangeID) -> Checkpoint {
    Checkpoint(change: change, hash: hash, signature: signature)
  }
}

/// The key of a device, which signs its logs.
public struct LogSigner: Sendable {
  /// The device, by its public key.
  public let device: Digest
  /// Signs a hash: 64 bytes.
  public let sign: @Sendable (Digest) throws -> [UInt8]

  /// What `device` signs with.
  public init(device: Digest, sign: @escaping @Sendable (Digest) throws -> [UInt8]) {
    self.device = device
    self.sign = sign
  }
}
