/// Thirty-two opaque bytes that stand for what they were computed from.
///
/// The core compares digests and never computes one: that is the wire's work, so this module needs no
/// cryptography.
public struct Digest: Hashable, Sendable {
  /// Bytes 0 to 15.
  public let head: Bytes16
  /// Bytes 16 to 31.
  public let tail: Bytes16

  /// The digest whose halves these are.
  public init(head: Bytes16, tail: Bytes16) {
    self.head = head
    self.tail = tail
  }

  /// The first thirty-two of `bytes`; nil where there are fewer.
  @inlinable
  public init?(_ bytes: some Collection<UInt8>) {
    guard let head = Bytes16(bytes), let tail = Bytes16(bytes.dropFirst(Bytes16.count)) else { return nil }
    self.init(head: head, tail: tail)
  }

  /// How many bytes there are.
  public static let count = 32

  /// All bits zero: the place where nothing was hashed.
  public static let zero = Digest(head: Bytes16(high: 0, low: 0), tail: Bytes16(high: 0, low: 0))

  /// The thirty-two bytes in order.
  public var bytes: [UInt8] {
    withUnsafeBytes { Array($0) }
  }

  /// What `body` makes of the thirty-two bytes, in order and without a copy on the heap.
  @inlinable
  package func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
    let words = (head.high.bigEndian, head.low.bigEndian, tail.high.bigEndian, tail.low.bigEndian)
    return try Swift.withUnsafeBytes(of: words, body)
  }
}

extension Digest: Comparable {
  /// By the first byte that differs.
  public static func < (a: Self, b: Self) -> Bool {
    (a.head, a.tail) < (b.head, b.tail)
  }
}

extension Digest: CustomStringConvertible {
  /// Sixty-four lowercase hexadecimal digits.
  public var description: String {
    Hexadecimal.encode(bytes)
  }
}
