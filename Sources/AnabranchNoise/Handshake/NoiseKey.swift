internal import Crypto

/// A public key of Curve25519: 32 bytes.
public struct NoisePublicKey: Hashable, Sendable {
  /// Bytes of a key.
  public static let byteCount = 32

  /// The 32 bytes.
  public let bytes: [UInt8]

  /// The key of those bytes; nil where they are not ``byteCount``.
  public init?(_ bytes: some Collection<UInt8>) {
    guard bytes.count == Self.byteCount else { return nil }
    self.bytes = Array(bytes)
  }
}

/// A key pair of Curve25519 (RFC 7748).
public struct NoiseKeyPair: Sendable {
  private let key: Curve25519.KeyAgreement.PrivateKey

  /// The pair of a secret of 32 bytes; nil where they are not as many. Any 32 bytes are one.
  public init?(secret: some Collection<UInt8>) {
    guard secret.count == NoisePublicKey.byteCount,
      let key = try? Curve25519.KeyAgreement.PrivateKey(rawRepresentation: Array(secret))
    else { return nil }
    self.key = key
  }

  /// The public half.
  public var publicKey: NoisePublicKey { NoisePublicKey(trusted: Array(key.publicKey.rawRepresentation)) }

  /// The secret that both owners of the two pairs share. Throws ``NoiseError/Code/lowOrder`` for a key with which everybody
  /// shares the same one: the library returns zeros for it, without a word.
  func shared(with other: NoisePublicKey) throws(NoiseError) -> [UInt8] {
    let shared: [UInt8]
    do {
      let theirs = try Curve25519.KeyAgreement.PublicKey(rawRepresentation: other.bytes)
      shared = try key.sharedSecretFromKeyAgreement(with: theirs).withUnsafeBytes { Array($0) }
    } catch {
      throw NoiseError(.lowOrder, "expected a key of Curve25519, got one with which nothing can be shared")
    }
    guard shared.contains(where: { $0 != 0 }) else {
      throw NoiseError(.lowOrder, "expected a key of Curve25519, got one of low order")
    }
    return shared
  }
}

extension NoisePublicKey {
  /// The key of 32 bytes that come from a key.
  fileprivate init(trusted bytes: [UInt8]) {
    self.bytes = bytes
  }
}
