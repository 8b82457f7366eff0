internal import Crypto

/// All that a handshake has brought so far: the chaining key, the hash over everything, and the key in use (chapter 5.2).
struct SymmetricState: Sendable {
  private var chainingKey: [UInt8]
  private(set) var hash: [UInt8]
  private var cipher = CipherState()

  /// The state of a protocol by its name, of at most 32 bytes or else hashed.
  init(protocolName: String) {
    let name = Array(protocolName.utf8)
    hash =
      name.count <= SHA256.byteCount
      ? name + [UInt8](repeating: 0, count: SHA256.byteCount - name.count) : Array(SHA256.hash(data: name))
    chainingKey = hash
  }

  /// Whether what follows is encrypted.
  var isKeyed: Bool { cipher.isKeyed }

  /// Binds everything that follows to `data`.
  mutating func mixHash(_ data: [UInt8]) {
    hash = Array(SHA256.hash(data: hash + data))
  }

  /// Takes a secret in: from now on whoever does not know it can read nothing.
  mutating func mixKey(_ secret: [UInt8]) {
    let keys = derive(secret, count: 2)
    (chainingKey, cipher) = (keys[0], CipherState(key: keys[1]))
  }

  /// The same with a secret that both knew before, which the hash then depends on too.
  mutating func mixKeyAndHash(_ secret: [UInt8]) {
    let keys = derive(secret, count: 3)
    chainingKey = keys[0]
    mixHash(keys[1])
    cipher = CipherState(key: keys[2])
  }

  /// Encrypts, once there is a key, and binds what follows to the result.
  mutating func encrypt(_ plaintext: [UInt8]) throws(NoiseError) -> [UInt8] {
    let ciphertext = try cipher.encrypt(plaintext, with: hash)
    mixHash(ciphertext)
    return ciphertext
  }

  /// Decrypts, once there is a key, and binds what follows to what came.
  mutating func decrypt(_ ciphertext: [UInt8]) throws(NoiseError) -> [UInt8] {
    let plaintext = try cipher.decrypt(ciphertext, with: hash)
    mixHash(ciphertext)
    return plaintext
  }

  /// The two keys of the session: the initiator's for sending, then the responder's.
  func split() -> (CipherState, CipherState) {
    let keys = derive([], count: 2)
    return (CipherState(key: keys[0]), CipherState(key: keys[1]))
  }

  /// Keys of 32 bytes: Noise's own derivation is that of RFC 5869 with nothing for information.
  private func derive(_ secret: [UInt8], count: Int) -> [[UInt8]] {
    let bytes = HKDF<SHA256>.deriveKey(
      inputKeyMaterial: SymmetricKey(data: secret), salt: chainingKey, info: [UInt8](),
      outputByteCount: count * SHA256.byteCount
    ).withUnsafeBytes { Array($0) }
    return (0..<count).map { Array(bytes[$0 * SHA256.byteCount..<($0 + 1) * SHA256.byteCount]) }
  }
}
