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

/// The Ed25519 key that a device *is*. Its private half lies in a file of mode 0600 beside the database.
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
    try OwnerFile.replace(path, with: Array(key.privateKey.rawRepresentation), what: "the device's key")
    return key
  }

  /// The key in the file at `path`, which nobody but its owner may read.
  static func load(at path: String) throws(AnabranchError) -> DeviceKey {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw unread(path) }
    defer { close(file) }
    var facts = stat()
    var bytes = [UInt8](repeating: 0, count: 2 * AnabranchCore.Digest.count)
    let count = read(file, &bytes, bytes.count)
    guard fstat(file, &facts) == 0, count >= 0 else { throw unread(path) }
    let mode = Int(facts.st_mode) & 0o777
    guard mode & 0o077 == 0 else {
      throw AnabranchError(
        .invalid, "others may read the device's private key at \(path) (mode \(String(mode, radix: 8)))",
        remedy: "chmod 600 \(path)")
    }
    guard let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: bytes.prefix(count)) else {
      throw AnabranchError(
        .damaged, "expected a private key of 32 bytes at \(path), got \(facts.st_size)",
        remedy: "put the file back from a backup, or make a new replica in another folder")
    }
    return DeviceKey(privateKey: key)
  }

  private static func unread(_ path: String) -> AnabranchError {
    guard errno == ENOENT else {
      return AnabranchError(
        .io, "the device's private key at \(path) cannot be read: \(String(cString: strerror(errno)))",
        remedy: "check that it is yours, or run this as its owner")
    }
    return AnabranchError(
      .notFound, "expected the device's private key at \(path), and it is not there",
      remedy: "put it back, or make a new replica in another folder and sync it with another device")
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
