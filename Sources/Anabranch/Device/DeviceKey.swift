internal import AnabranchCore
internal import AnabranchNoise

internal import enum Crypto.Curve25519
internal import struct Crypto.HKDF
internal import struct Crypto.SHA256
internal import struct Crypto.SymmetricKey
internal import struct Foundation.Data

#if canImport(Darwin)
  internal import Darwin
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Glibc
#endif

/// The Ed25519 key that a device *is*. How its private half is kept is ``KeyFile``'s matter.
struct DeviceKey: Sendable {
  private let privateKey: Curve25519.Signing.PrivateKey

  /// The public half, which names the device.
  var publicKey: AnabranchCore.Digest {
    AnabranchCore.Digest(privateKey.publicKey.rawRepresentation) ?? .zero
  }

  /// The key whose private half is `seed`. Throws for bytes that are none.
  init(seed: AnabranchCore.Digest) throws(AnabranchError) {
    do {
      privateKey = try Curve25519.Signing.PrivateKey(rawRepresentation: seed.bytes)
    } catch {
      throw AnabranchError(.invalid, "expected the private half of a key: \(error)")
    }
  }

  private init(privateKey: Curve25519.Signing.PrivateKey) {
    self.privateKey = privateKey
  }

  /// Whether there is a file at `path` that a key can be read from. One without a byte is none: an end in the midst of making it
  /// left it behind.
  static func exists(at path: String) -> Bool {
    var facts = stat()
    return stat(path, &facts) == 0 && facts.st_size > 0
  }

  /// A new key, kept in a file at `path`, which takes the place of what is there. It is whole whenever it is there; that it is
  /// there is on the disk once its folder is: see ``Home/pressFolder()``. Leaves everything as it was where it throws.
  ///
  /// The caller holds the lock of the home.
  static func create(at path: String) throws(AnabranchError) -> DeviceKey {
    let key = DeviceKey(privateKey: Curve25519.Signing.PrivateKey())
    var secret = key.secret
    defer { wipe(&secret) }
    try OwnerFile.replace(path, with: secret, what: "the device's key")
    return key
  }

  /// The key that the file at `path` says, or says where it is. Throws what ``KeyFile`` does.
  static func load(at path: String, with access: KeyAccess) throws(AnabranchError) -> DeviceKey {
    try KeyFile(at: path).key(with: access, at: path)
  }

  /// The private half; the caller overwrites it.
  var secret: [UInt8] {
    Array(privateKey.rawRepresentation)
  }

  /// What the device proves itself with on an encrypted stream: a key derived from this one (RFC 5869), and this one's word
  /// for it.
  func channelKeys() throws(AnabranchError) -> ChannelKeys {
    let secret = HKDF<SHA256>.deriveKey(
      inputKeyMaterial: SymmetricKey(data: privateKey.rawRepresentation), info: Array("anabranch static key v1".utf8),
      outputByteCount: NoisePublicKey.byteCount)
    guard let pair = NoiseKeyPair(secret: secret.withUnsafeBytes { Array($0) }) else {
      throw AnabranchError(.invalid, "no key for encrypted streams can be derived from the device's key")
    }
    do {
      return try ChannelKeys(device: publicKey, keyPair: pair) { Array(try privateKey.signature(for: $0)) }
    } catch {
      throw AnabranchError(.invalid, "the device's key signs nothing: \(error)")
    }
  }

  /// What the device signs its logs with.
  var logSigner: LogSigner {
    LogSigner(device: publicKey) { [privateKey] in Array(try privateKey.signature(for: $0.bytes)) }
  }

  /// The header of a new log of this device.
  func newLog(using generator: inout some RandomNumberGenerator) -> LogHeader {
    .device(key: publicKey, nonce: .random(using: &generator))
  }
}

extension Bytes16 {
  /// Sixteen random bytes.
  static func random(using generator: inout some RandomNumberGenerator) -> Bytes16 {
    Bytes16(high: generator.next(), low: generator.next())
  }
}
