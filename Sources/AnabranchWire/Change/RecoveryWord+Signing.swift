public import AnabranchCore

internal import enum Crypto.Curve25519

extension RecoveryWord {
  /// What the recovery key signs to let a device in, beside what is said: the hash of kind and words.
  public static func signedHash(of enrol: Enrol) -> Digest {
    hash(.enrol) { $0.write(said: enrol) }
  }

  /// What the recovery key signs to take rights from a device.
  public static func signedHash(of restrict: Restrict) -> Digest {
    hash(.restrict) { $0.write(said: restrict) }
  }

  private static func hash(_ kind: OperationKind, _ body: (inout ByteWriter) -> Void) -> Digest {
    var writer = ByteWriter(capacity: 128)
    writer.write(varint: UInt64(kind.rawValue))
    body(&writer)
    return Hashing.hash(.recovery, writer.bytes[...])
  }

  /// Whether it is a signature of `hash` by the key that names `space`.
  public func vouches(for hash: Digest, in space: Bytes16) -> Bool {
    guard Self.space(of: key) == space,
      let signing = try? Curve25519.Signing.PublicKey(rawRepresentation: key.bytes)
    else { return false }
    return signing.isValidSignature(signature, for: hash.bytes)
  }

  /// The space whose recovery key is `key`.
  public static func space(of key: Digest) -> Bytes16 {
    Hashing.hash(.space, key.bytes[...]).head
  }
}
