/// An encrypted stream between two who have shaken hands: bytes in, records out, and back.
///
/// A record is two bytes of length, the greater first, and so many encrypted bytes, of which 16 are its tag. Each side counts
/// its records, so one that is left out, repeated or moved is noticed as if it had been altered. After an error it does nothing
/// any more.
public struct NoiseSession: Sendable {
  private var sending: CipherState
  private var receiving: CipherState
  private var pending: [UInt8] = []
  private var hasFailed = false

  /// What tells this session from every other one: both sides have the same.
  public let handshakeHash: [UInt8]
  /// The other side's static key, which it has proved to own.
  public let remoteStatic: NoisePublicKey

  /// Bytes that a record carries at most.
  public static let recordBytesMax = NoiseHandshake.messageBytesMax - CipherState.tagBytes
  /// Bytes that a record has beside what it carries.
  public static let recordOverhead = lengthBytes + CipherState.tagBytes
  /// After so many records each direction's key is replaced by the next, by both sides, without a word: 2¹⁶, so that a key
  /// that is found out tells nothing of what was said before it came into use.
  public static let recordsPerKey: UInt64 = 1 << 16
  private static let lengthBytes = 2

  init(sending: CipherState, receiving: CipherState, handshakeHash: [UInt8], remoteStatic: NoisePublicKey) {
    self.sending = sending
    self.receiving = receiving
    self.handshakeHash = handshakeHash
    self.remoteStatic = remoteStatic
  }

  /// Encrypts bytes, in as few records as hold them; none for none. O(bytes).
  public mutating func seal(_ bytes: [UInt8]) throws(NoiseError) -> [UInt8] {
    try checkAlive()
    hasFailed = true
    var sealed: [UInt8] = []
    sealed.reserveCapacity(bytes.count + Self.recordOverhead * (bytes.count / Self.recordBytesMax + 1))
    var rest = bytes[...]
    while !rest.isEmpty {
      let record = try sending.encrypt(rest.prefix(Self.recordBytesMax), with: [])
      rest = rest.dropFirst(Self.recordBytesMax)
      sealed += [UInt8(record.count >> 8), UInt8(record.count & 0xff)] + record
      if sending.nonce.isMultiple(of: Self.recordsPerKey) { try sending.rekey() }
    }
    hasFailed = false
    return sealed
  }

  /// Takes bytes as they come, and returns what the records say that are whole by now. Keeps less than one record.
  ///
  /// Throws where one of them was altered, or is none.
  public mutating func open(_ bytes: [UInt8]) throws(NoiseError) -> [UInt8] {
    try checkAlive()
    hasFailed = true
    pending += bytes
    var opened: [UInt8] = []
    var start = 0
    while pending.count - start >= Self.lengthBytes {
      let count = Int(pending[start]) << 8 | Int(pending[start + 1])
      guard count > CipherState.tagBytes else {
        throw NoiseError(.length, "expected a record of more than \(CipherState.tagBytes) bytes, got \(count)")
      }
      let end = start + Self.lengthBytes + count
      guard end <= pending.count else { break }
      opened += try receiving.decrypt(pending[start + Self.lengthBytes..<end], with: [])
      start = end
      if receiving.nonce.isMultiple(of: Self.recordsPerKey) { try receiving.rekey() }
    }
    if start > 0 { pending = Array(pending[start...]) }
    hasFailed = false
    return opened
  }

  /// Whether the beginning of a record has come, and its end has not.
  public var isMidRecord: Bool { !pending.isEmpty }

  private func checkAlive() throws(NoiseError) {
    if hasFailed { throw NoiseError(.order, "this session has failed before") }
  }
}
