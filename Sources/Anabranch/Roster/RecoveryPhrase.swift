internal import AnabranchCore
internal import AnabranchWire

internal import enum Crypto.Curve25519
internal import struct Crypto.HKDF
internal import struct Crypto.SHA256
internal import struct Crypto.SymmetricKey

/// The words that stand above every device of a space: whoever has them can let a device in, and keep others out.
///
/// Sixteen random bytes and two to check them by, as nine words of five letters each that can be spoken (Wilkerson, "A Proposal
/// for Proquints", 2009). The key they stand for is derived by HKDF (RFC 5869). Nothing keeps them but a person.
public struct RecoveryPhrase: Hashable, Sendable, CustomStringConvertible {
  private let secret: [UInt8]

  private static let secretBytes = 16
  private static let checkBytes = 2

  /// The phrase that `secret`, sixteen bytes, amounts to.
  init(secret: Bytes16) {
    self.secret = secret.bytes
  }

  /// The phrase that a person wrote down. Case, and whatever stands between the words, does not matter.
  ///
  /// Throws ``AnabranchError/Code/invalid`` for what is none, or was misspelled.
  public init(_ text: String) throws(AnabranchError) {
    let words = text.lowercased().split { !$0.isLetter }
    var bytes: [UInt8] = []
    for (index, word) in words.enumerated() {
      guard let pair = Proquint.bytes(of: word) else {
        // By its place: errors are kept and shown where the words must not be.
        throw AnabranchError(
          .invalid, "word \(index + 1) is none of a recovery phrase",
          remedy: "look whether it was written down like that")
      }
      bytes += pair
    }
    let count = (Self.secretBytes + Self.checkBytes) / 2
    guard words.count == count else {
      throw AnabranchError(.invalid, "expected a recovery phrase of \(count) words, got \(words.count)")
    }
    secret = Array(bytes.prefix(Self.secretBytes))
    guard bytes.suffix(Self.checkBytes).elementsEqual(Self.check(secret)) else {
      throw AnabranchError(
        .invalid, "the words of the recovery phrase do not fit together", remedy: "one of them was misspelled")
    }
  }

  /// The nine words, lowercase, a blank between them.
  public var description: String {
    let bytes = secret + Self.check(secret)
    return stride(from: 0, to: bytes.count, by: 2).map { Proquint.word(of: bytes[$0], bytes[$0 + 1]) }
      .joined(separator: " ")
  }

  private static func check(_ secret: [UInt8]) -> [UInt8] {
    Array(SHA256.hash(data: Array("anabranch recovery phrase v1".utf8) + secret).prefix(checkBytes))
  }

  /// The key that signs, of which the phrase is the secret.
  private func key() throws(AnabranchError) -> Curve25519.Signing.PrivateKey {
    let seed = HKDF<SHA256>.deriveKey(
      inputKeyMaterial: SymmetricKey(data: secret), info: Array("anabranch recovery key v1".utf8),
      outputByteCount: AnabranchCore.Digest.count)
    do {
      return try Curve25519.Signing.PrivateKey(rawRepresentation: seed.withUnsafeBytes { Array($0) })
    } catch {
      throw AnabranchError(.invalid, "no key can be derived from the recovery phrase: \(error)")
    }
  }

  /// The space that the phrase stands above.
  func space() throws(AnabranchError) -> Bytes16 {
    try RecoveryWord.space(of: publicKey(key()))
  }

  /// The recovery key's word for `hash`.
  func word(for hash: AnabranchCore.Digest) throws(AnabranchError) -> RecoveryWord {
    let key = try key()
    do {
      return try RecoveryWord(key: publicKey(key), signature: Array(key.signature(for: hash.bytes)))
    } catch let error as AnabranchError {
      throw error
    } catch {
      throw AnabranchError(.invalid, "the recovery key signs nothing: \(error)")
    }
  }

  private func publicKey(_ key: Curve25519.Signing.PrivateKey) throws(AnabranchError) -> AnabranchCore.Digest {
    guard let digest = AnabranchCore.Digest(key.publicKey.rawRepresentation) else {
      throw AnabranchError(.invalid, "expected a recovery key of \(AnabranchCore.Digest.count) bytes")
    }
    return digest
  }
}

/// Two bytes as a word of five letters, consonants and vowels in turn: four bits each, and two.
private enum Proquint {
  private static let consonants = Array("bdfghjklmnprstvz")
  private static let vowels = Array("aiou")

  static func word(of high: UInt8, _ low: UInt8) -> String {
    let bits = Int(high) << 8 | Int(low)
    return String([
      consonants[bits >> 12], vowels[bits >> 10 & 3], consonants[bits >> 6 & 15], vowels[bits >> 4 & 3],
      consonants[bits & 15],
    ])
  }

  static func bytes(of word: Substring) -> [UInt8]? {
    guard word.count == 5 else { return nil }
    var bits = 0
    for (index, letter) in word.enumerated() {
      let letters = index.isMultiple(of: 2) ? consonants : vowels
      guard let place = letters.firstIndex(of: letter) else { return nil }
      bits = bits * letters.count + place
    }
    return [UInt8(bits >> 8), UInt8(bits & 0xff)]
  }
}
