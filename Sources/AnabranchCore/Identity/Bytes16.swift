/// Sixteen opaque bytes: the common shape of every identifier that is printed.
///
/// Ordered as its bytes are, which is also the order of its hexadecimal digits.
public struct Bytes16: Hashable, Comparable, Sendable {
  /// Bytes 0 to 7, the first most significant.
  public let high: UInt64
  /// Bytes 8 to 15, the first most significant.
  public let low: UInt64

  /// The sixteen bytes whose halves these are, most significant byte first.
  public init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// The first sixteen of `bytes`; nil where there are fewer.
  @inlinable
  public init?(_ bytes: some Sequence<UInt8>) {
    var iterator = bytes.makeIterator()
    guard let high = UInt64(bigEndianFrom: &iterator), let low = UInt64(bigEndianFrom: &iterator)
    else { return nil }
    self.init(high: high, low: low)
  }

  /// How many bytes there are.
  public static let count = 16

  /// The sixteen bytes in order.
  public var bytes: [UInt8] {
    withUnsafeBytes { Array($0) }
  }

  /// What `body` makes of the sixteen bytes, in order and without a copy on the heap.
  @inlinable
  package func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
    try Swift.withUnsafeBytes(of: (high.bigEndian, low.bigEndian), body)
  }

  /// By the first byte that differs.
  public static func < (a: Self, b: Self) -> Bool {
    (a.high, a.low) < (b.high, b.low)
  }
}

extension UInt64 {
  /// The next eight bytes of `iterator`, the first most significant; nil where there are fewer.
  @inlinable
  package init?(bigEndianFrom iterator: inout some IteratorProtocol<UInt8>) {
    var value: UInt64 = 0
    for _ in 0..<8 {
      guard let byte = iterator.next() else { return nil }
      value = value << 8 | UInt64(byte)
    }
    self = value
  }
}

extension FixedWidthInteger {
  /// Appends the bytes of the value, most significant first.
  @inlinable
  package func appendBigEndian(to bytes: inout [UInt8]) {
    withUnsafeBytes(of: bigEndian) { bytes.append(contentsOf: $0) }
  }
}
