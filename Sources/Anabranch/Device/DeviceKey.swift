internal import AnabranchCore

internal import enum Crypto.Curve25519
internal import struct Foundation.Data
internal import class Foundation.FileManager

/// The Ed25519 key that a device *is*. Its private half lies in a file of mode 0600 beside the database.
struct DeviceKey: Sendable {
  private let privateKey: Curve25519.Signing.PrivateKey

  /// The public half, which names the device.
  var publicKey: AnabranchCore.Digest {
    AnabranchCore.Digest(privateKey.publicKey.rawRepresentation) ?? .zero
  }

  /// A new key, kept in a new file at `path`.
  static func create(at path: String) throws(AnabranchError) -> DeviceKey {
    let key = DeviceKey(privateKey: Curve25519.Signing.PrivateKey())
    guard
      FileManager.default.createFile(
        atPath: path, contents: key.privateKey.rawRepresentation, attributes: [.posixPermissions: 0o600])
    else {
      throw AnabranchError(
        .io, "the device's key cannot be written to \(path)", remedy: "check that the folder is yours")
    }
    return key
  }

  /// The key in the file at `path`, which nobody but its owner may read.
  static func load(at path: String) throws(AnabranchError) -> DeviceKey {
    guard let bytes = FileManager.default.contents(atPath: path) else {
      throw AnabranchError(
        .notFound, "expected the device's private key at \(path), and it is not there",
        remedy: "put it back, or make a new replica with `anabranch init` and sync it with another device")
    }
    let mode = (try? FileManager.default.attributesOfItem(atPath: path))?[.posixPermissions] as? Int ?? 0
    guard mode & 0o077 == 0 else {
      throw AnabranchError(
        .invalid, "others may read the device's private key at \(path) (mode \(String(mode, radix: 8)))",
        remedy: "chmod 600 \(path)")
    }
    guard let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: bytes) else {
      throw AnabranchError(
        .damaged, "expected a private key of 32 bytes at \(path), got \(bytes.count)",
        remedy: "put the file back from a backup, or make a new replica with `anabranch init`")
    }
    return DeviceKey(privateKey: key)
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
