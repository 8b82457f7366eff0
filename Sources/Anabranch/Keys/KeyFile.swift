internal import AnabranchCore

internal import struct Crypto.SHA256

#if canImport(Darwin)
  internal import Darwin
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Glibc
#endif

/// What `device.key` says: the device's private key itself, the same under a passphrase, or that a keyring has it. One file, so
/// that a change of how the key is kept happens at once or not at all.
///
/// A file of 32 bytes is the key. Every other one is:
///
/// | offset | bytes | |
/// | --- | --- | --- |
/// | 0 | 8 | `anbr-key` in ASCII |
/// | 8 | 1 | the version, 1 |
/// | 9 | 1 | 1: under a passphrase; 2: in a keyring |
/// | 10 | 79 or 32 | a ``SealedKey``; or the public key, which names it in the keyring |
/// | | 32 | SHA-256 of all before, in every version |
enum KeyFile {
  case plain(DeviceKey)
  case sealed(SealedKey)
  case keyring(publicKey: AnabranchCore.Digest)

  private static let magic = Array("anbr-key".utf8)
  private static let version: UInt8 = 1
  private static let headBytes = magic.count + 2
  /// More than any key file has.
  private static let bytesMax = 256

  /// What stands before a ``SealedKey``, and is authenticated with it.
  static let sealedHead = magic + [version, Kind.sealed.rawValue]

  private enum Kind: UInt8 {
    case sealed = 1
    case keyring = 2
  }

  /// What the file at `path` says, which must be its owner's alone.
  ///
  /// Throws ``AnabranchError/Code/notFound`` where there is none, ``AnabranchError/Code/invalid`` where others may read it or it
  /// is somebody else's, ``AnabranchError/Code/newer`` for a version that is not known, ``AnabranchError/Code/damaged`` for
  /// anything else.
  init(at path: String) throws(AnabranchError) {
    var bytes = try Self.contents(of: path)
    defer { wipe(&bytes) }
    // One of the other kinds that was cut is no key.
    if bytes.count == AnabranchCore.Digest.count, !bytes.starts(with: Self.magic),
      let seed = AnabranchCore.Digest(bytes)
    {
      self = .plain(try DeviceKey(seed: seed))
      return
    }
    guard bytes.starts(with: Self.magic), bytes.count >= Self.headBytes + AnabranchCore.Digest.count else {
      throw Self.damaged(path, "it has \(bytes.count) bytes")
    }
    let body = bytes.dropLast(AnabranchCore.Digest.count)
    guard SHA256.hash(data: body).elementsEqual(bytes.suffix(AnabranchCore.Digest.count)) else {
      throw Self.damaged(path, "its checksum does not fit")
    }
    let content = Array(body.dropFirst(Self.headBytes))
    guard bytes[Self.magic.count] == Self.version, let kind = Kind(rawValue: bytes[Self.magic.count + 1]) else {
      throw AnabranchError(
        .newer, "the device's key at \(path) is kept in a way that this version does not know",
        remedy: "update Anabranch")
    }
    switch kind {
    case .sealed: self = .sealed(try SealedKey(bytes: content, in: path))
    case .keyring:
      guard content.count == AnabranchCore.Digest.count, let key = AnabranchCore.Digest(content) else {
        throw Self.damaged(path, "it names no key")
      }
      self = .keyring(publicKey: key)
    }
  }

  /// Its bytes; the caller overwrites them.
  var bytes: [UInt8] {
    let body: [UInt8]
    switch self {
    case .plain(let key): return key.secret
    case .sealed(let sealed): body = Self.sealedHead + sealed.bytes
    case .keyring(let key): body = Self.magic + [Self.version, Kind.keyring.rawValue] + key.bytes
    }
    return body + SHA256.hash(data: body)
  }

  /// That the file at `path` is none a key can be read from, and why.
  static func damaged(_ path: String, _ reason: String) -> AnabranchError {
    AnabranchError(
      .damaged, "expected the device's private key at \(path), and the file is damaged: \(reason)",
      remedy:
        "put the file back from a copy of yours, or make a new replica in another folder: your history can still be "
        + "read, so `anabranch backup` it")
  }

  private static func contents(of path: String) throws(AnabranchError) -> [UInt8] {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw unread(path) }
    defer { close(file) }
    var facts = stat()
    var bytes = [UInt8](repeating: 0, count: bytesMax)
    defer { wipe(&bytes) }
    let count = read(file, &bytes, bytes.count)
    guard fstat(file, &facts) == 0, count >= 0 else { throw unread(path) }
    let mode = Int(facts.st_mode) & 0o777
    guard mode & 0o077 == 0 else {
      throw AnabranchError(
        .invalid, "others may read the device's private key at \(path) (mode \(String(mode, radix: 8)))",
        remedy: "chmod 600 \(path)")
    }
    // Root may read everybody's, and in a container is nobody in particular.
    guard facts.st_uid == geteuid() || geteuid() == 0 else {
      throw AnabranchError(
        .invalid, "the device's private key at \(path) belongs to another user, number \(facts.st_uid)",
        remedy: "chown it, if it is yours")
    }
    return Array(bytes.prefix(count))
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
}
