public import AnabranchCore

internal import enum Crypto.Curve25519

extension Checkpoint {
  /// Signs the log of `change`, whose hash is `hash`, up to there. Rethrows what the key throws.
  public init(of change: ChangeID, hash: Digest, by signer: LogSigner) throws {
    self.init(
      change: change, hash: hash, signature: try signer.sign(Self.signedHash(of: change, hash: hash)))
  }

  /// What is signed: the hash of log, sequence and hash.
  public static func signedHash(of change: ChangeID, hash: Digest) -> Digest {
    var writer = ByteWriter(capacity: 64)
    writer.write(change.log.bytes)
    writer.write(fixed: change.sequence)
    writer.write(hash)
    return Hashing.hash(.head, writer.bytes[...])
  }

  /// Whether it is the signature of the device that opened the log; false for a log that none did. O(1).
  public func isSigned(under header: LogHeader) -> Bool {
    guard case .device(let key, _) = header,
      let signing = try? Curve25519.Signing.PublicKey(rawRepresentation: key.bytes)
    else { return false }
    return signing.isValidSignature(signature, for: Self.signedHash(of: change, hash: hash).bytes)
  }
}
