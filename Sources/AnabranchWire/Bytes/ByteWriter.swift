public import AnabranchCore

/// Appends canonical bytes: each value has exactly one encoding.
public struct ByteWriter: Sendable {
  /// What was written so far.
  public private(set) var bytes: [UInt8]

  /// A writer with room for `capacity` bytes before it grows.
  public init(capacity: Int = 64) {
    bytes = []
    bytes.reserveCapacity(capacity)
  }

  /// One byte.
  public mutating func write(_ byte: UInt8) {
    bytes.append(byte)
  }

  /// The bytes as they are, without a length.
  public mutating func write(_ raw: some Sequence<UInt8>) {
    bytes.append(contentsOf: raw)
  }

  /// Four bytes, most significant first.
  public mutating func write(fixed value: UInt32) {
    value.appendBigEndian(to: &bytes)
  }

  /// Eight bytes, most significant first.
  public mutating func write(fixed value: UInt64) {
    value.appendBigEndian(to: &bytes)
  }

  /// Sixteen bytes.
  public mutating func write(_ value: Bytes16) {
    write(fixed: value.high)
    write(fixed: value.low)
  }

  /// Thirty-two bytes.
  public mutating func write(_ value: Digest) {
    write(value.head)
    write(value.tail)
  }

  /// Seven bits a byte, least significant first, the top bit set on all but the last (unsigned LEB128).
  public mutating func write(varint value: UInt64) {
    var rest = value
    while rest > 0x7f {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(truncatingIfNeeded: rest))
  }

  /// The number of elements of something, as a varint.
  public mutating func write(count: Int) {
    write(varint: UInt64(count))
  }

  /// A signed number with its sign in the lowest bit, as a varint.
  public mutating func write(zigzag value: Int64) {
    write(varint: UInt64(bitPattern: value << 1 ^ value >> 63))
  }

  /// A length as a varint, then the bytes.
  public mutating func write(counted raw: some Collection<UInt8>) {
    write(count: raw.count)
    write(raw)
  }
}
