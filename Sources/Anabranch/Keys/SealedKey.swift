internal import AnabranchCore
internal import CryptoExtras
internal import Foundation

internal import enum Crypto.ChaChaPoly
internal import struct Crypto.SymmetricKey

/// A private key, encrypted under a passphrase: by ChaCha20-Poly1305 (RFC 8439) with a key that scrypt (RFC 7914) makes of it.
/// All that stands before the ciphertext is authenticated with it.
///
/// | offset | bytes | |
/// | --- | --- | --- |
/// | 0 | 1 | the binary logarithm of scrypt's N |
/// | 1 | 1 | scrypt's r |
/// | 2 | 1 | scrypt's p |
/// | 3 | 16 | scrypt's salt, random for each file |
/// | 19 | 12 | the nonce, random |
/// | 31 | 32 | the key, encrypted |
/// | 63 | 16 | its tag |
struct SealedKey: Equatable {
  /// What it amounts to in a file.
  let bytes: [UInt8]
  let cost: ScryptCost

  static let saltBytes = 16
  static let nonceBytes = 12
  private static let tagBytes = 16
  private static let headBytes = 3 + saltBytes + nonceBytes
  /// All of it.
  static let byteCount = headBytes + Digest.count + tagBytes

  /// What a file says. Throws ``AnabranchError/Code/damaged`` where that is none, or asks for more work than
  /// ``ScryptCost`` allows.
  init(bytes: [UInt8], in path: String) throws(AnabranchError) {
    guard bytes.count == Self.byteCount, let cost = ScryptCost(logRounds: bytes[0], bytes[1], bytes[2]) else {
      throw KeyFile.damaged(path, "its parameters are out of bounds")
    }
    (self.bytes, self.cost) = (bytes, cost)
  }

  /// `secret`, encrypted. `context` is authenticated, too: what stands before it in the file. Salt and nonce are not used
  /// for anything else.
  init(
    _ secret: [UInt8], under passphrase: Passphrase, cost: ScryptCost, salt: [UInt8], nonce: [UInt8], context: [UInt8]
  ) throws(AnabranchError) {
    let head = [cost.logRounds, cost.blockSize, cost.parallelism] + salt + nonce
    let key = try Self.stretched(passphrase, salt, cost)
    do {
      let box = try ChaChaPoly.seal(
        secret, using: key, nonce: ChaChaPoly.Nonce(data: nonce), authenticating: context + head)
      bytes = head + box.ciphertext + box.tag
    } catch {
      throw AnabranchError(.invalid, "the device's key cannot be encrypted: \(error)")
    }
    self.cost = cost
  }

  /// The secret; nil where the passphrase is another one, or somebody altered the file. Takes the time and the memory that
  /// ``cost`` says.
  func opened(with passphrase: Passphrase, context: [UInt8]) throws(AnabranchError) -> [UInt8]? {
    let (head, sealed) = (bytes.prefix(Self.headBytes), bytes.dropFirst(Self.headBytes))
    let (salt, nonce) = (head.dropFirst(3).prefix(Self.saltBytes), head.suffix(Self.nonceBytes))
    let key = try Self.stretched(passphrase, Array(salt), cost)
    guard
      let box = try? ChaChaPoly.SealedBox(
        nonce: ChaChaPoly.Nonce(data: nonce), ciphertext: sealed.dropLast(Self.tagBytes),
        tag: sealed.suffix(Self.tagBytes)),
      var data = try? ChaChaPoly.open(box, using: key, authenticating: context + head)
    else { return nil }
    defer { data.resetBytes(in: data.startIndex..<data.endIndex) }
    return Array(data)
  }

  private static func stretched(
    _ passphrase: Passphrase, _ salt: [UInt8], _ cost: ScryptCost
  ) throws(AnabranchError) -> SymmetricKey {
    var password = passphrase.bytes.withUnsafeBytes { Array($0) }
    defer { wipe(&password) }
    do {
      return try KDF.Scrypt.deriveKey(
        from: password, salt: salt, outputByteCount: 32, rounds: 1 << Int(cost.logRounds),
        blockSize: Int(cost.blockSize),
        parallelism: Int(cost.parallelism))
    } catch {
      let mebibytes = (128 << Int(cost.logRounds)) * Int(cost.blockSize) >> 20
      throw AnabranchError(
        .io, "the passphrase cannot be worked on: that takes \(mebibytes) MiB of memory", remedy: "free some memory")
    }
  }
}
