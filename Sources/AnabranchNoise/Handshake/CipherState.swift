internal import Crypto

/// A key and how often it was used (chapter 5.1).
struct CipherState: Sendable {
  private var key: SymmetricKey?
  private(set) var nonce: UInt64 = 0

  /// Bytes that encryption adds: the tag of Poly1305.
  static let tagBytes = 16

  /// Without a key nothing is encrypted.
  init(key: [UInt8]? = nil) {
    self.key = key.map { SymmetricKey(data: $0) }
  }

  /// Whether there is a key.
  var isKeyed: Bool { key != nil }

  /// Encrypts, and authenticates `data` with it.
  mutating func encrypt(_ plaintext: some Collection<UInt8>, with data: [UInt8]) throws(NoiseError) -> [UInt8] {
    guard let key else { return Array(plaintext) }
    let sealed = try Self.seal(Array(plaintext), key, nonce: nextNonce(), data)
    return sealed
  }

  /// Decrypts. Throws ``NoiseError/Code/unauthentic`` where anything was altered; then the nonce has not moved.
  mutating func decrypt(_ ciphertext: some Collection<UInt8>, with data: [UInt8]) throws(NoiseError) -> [UInt8] {
    guard let key else { return Array(ciphertext) }
    guard ciphertext.count >= Self.tagBytes else {
      throw NoiseError(.length, "expected at least \(Self.tagBytes) encrypted bytes, got \(ciphertext.count)")
    }
    let nonce = try nextNonce()
    do {
      let tag = Array(ciphertext.suffix(Self.tagBytes))
      let box = try ChaChaPoly.SealedBox(
        nonce: Self.nonce(nonce), ciphertext: Array(ciphertext.dropLast(Self.tagBytes)), tag: tag)
      return Array(try ChaChaPoly.open(box, using: key, authenticating: data))
    } catch {
      self.nonce = nonce
      throw NoiseError(.unauthentic, "what came was altered, or made with another key")
    }
  }

  /// Replaces the key by one that nobody can tell the old one from (chapter 4.2), and goes on counting.
  mutating func rekey() throws(NoiseError) {
    guard let key else { return }
    let bytes = try Self.seal([UInt8](repeating: 0, count: 32), key, nonce: .max, [])
    self.key = SymmetricKey(data: bytes.prefix(32))
  }

  private mutating func nextNonce() throws(NoiseError) -> UInt64 {
    // The greatest one is kept for rekeying.
    guard nonce < .max else { throw NoiseError(.exhausted, "no nonce is left for this key") }
    defer { nonce += 1 }
    return nonce
  }

  private static func seal(
    _ plaintext: [UInt8], _ key: SymmetricKey, nonce: UInt64, _ data: [UInt8]
  ) throws(NoiseError) -> [UInt8] {
    do {
      let box = try ChaChaPoly.seal(plaintext, using: key, nonce: Self.nonce(nonce), authenticating: data)
      return Array(box.ciphertext) + Array(box.tag)
    } catch {
      throw NoiseError(.length, "\(plaintext.count) bytes cannot be encrypted at once")
    }
  }

  /// Four zero bytes, then the number, its least byte first.
  private static func nonce(_ number: UInt64) throws -> ChaChaPoly.Nonce {
    try ChaChaPoly.Nonce(data: [0, 0, 0, 0] + (0..<8).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) })
  }
}
