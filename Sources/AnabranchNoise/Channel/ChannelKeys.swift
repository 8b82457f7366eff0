public import AnabranchCore
internal import Crypto

/// What a device proves itself with on an encrypted stream: a static key, and its device key's word for that.
///
/// A device *is* its Ed25519 key, which signs and agrees on nothing; the handshake needs a key of Curve25519. The signature
/// ties the second to the first, once and for all: who proves to own the one is the other.
public struct ChannelKeys: Sendable {
  /// The device, by its public key.
  public let device: AnabranchCore.Digest
  let keyPair: NoiseKeyPair
  /// What is told of it in the handshake: the device key, then its signature.
  let certificate: [UInt8]

  static let certificateBytes = AnabranchCore.Digest.count + 64
  private static let domain = Array("anabranch session key v1".utf8)

  /// The keys of `device`, whose device key's signature `sign` makes.
  public init<Failure>(
    device: AnabranchCore.Digest, keyPair: NoiseKeyPair, sign: ([UInt8]) throws(Failure) -> [UInt8]
  ) throws(Failure) {
    self.device = device
    self.keyPair = keyPair
    certificate = device.bytes + (try sign(Self.signedBytes(keyPair.publicKey)))
  }

  private static func signedBytes(_ key: NoisePublicKey) -> [UInt8] {
    domain + key.bytes
  }

  /// The device that says in `certificate` that `key` is its own. Throws ``ChannelError/Code/unauthentic`` where it does not.
  static func device(in certificate: [UInt8], owning key: NoisePublicKey) throws(ChannelError) -> AnabranchCore.Digest {
    guard certificate.count == certificateBytes, let device = AnabranchCore.Digest(certificate) else {
      throw ChannelError(
        .unauthentic, "expected a device's word of \(certificateBytes) bytes for its key, got \(certificate.count)")
    }
    let signature = certificate.dropFirst(AnabranchCore.Digest.count)
    guard let signing = try? Curve25519.Signing.PublicKey(rawRepresentation: device.bytes),
      signing.isValidSignature(Array(signature), for: signedBytes(key))
    else { throw ChannelError(.unauthentic, "the device's signature of its key is not valid") }
    return device
  }
}
