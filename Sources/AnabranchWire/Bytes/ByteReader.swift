public import AnabranchCore

/// Reads canonical bytes and refuses all others. Never reads past its end and never allocates for a length that
/// the bytes do not have.
///
/// What a value is called is only asked for where it is refused: to put the words together takes longer than reading.
public struct ByteReader: Sendable {
  private let bytes: ArraySlice<UInt8>
  /// Where the next value starts, as an index into the whole array.
  public private(set) var position: Int

  /// A reader over all of `bytes`.
  public init(_ bytes: [UInt8]) {
    self.init(bytes[...])
  }

  /// A reader over a part of an array; positions stay those of the array.
  public init(_ slice: ArraySlice<UInt8>) {
    bytes = slice
    position = slice.startIndex
  }

  /// How many bytes are left.
  public var remaining: Int {
    bytes.endIndex - position
  }

  /// The bytes from `start` to the present position.
  public func bytes(since start: Int) -> ArraySlice<UInt8> {
    bytes[start..<position]
  }

  /// One byte.
  public mutating func byte() throws(WireError) -> UInt8 {
    guard position < bytes.endIndex else { throw truncated(1) }
    defer { position += 1 }
    return bytes[position]
  }

  /// The next `count` bytes, shared with the array they lie in.
  public mutating func take(_ count: Int) throws(WireError) -> ArraySlice<UInt8> {
    guard count >= 0, count <= remaining else { throw truncated(count) }
    defer { position += count }
    return bytes[position..<position + count]
  }

  /// Four bytes, most significant first.
  public mutating func fixed32() throws(WireError) -> UInt32 {
    try take(4).reduce(0) { $0 << 8 | UInt32($1) }
  }

  /// Eight bytes, most significant first.
  public mutating func fixed64() throws(WireError) -> UInt64 {
    guard remaining >= 8 else { throw truncated(8) }
    var value: UInt64 = 0
    for index in position..<position + 8 { value = value << 8 | UInt64(bytes[index]) }
    position += 8
    return value
  }

  /// Sixteen bytes.
  public mutating func bytes16() throws(WireError) -> Bytes16 {
    Bytes16(high: try fixed64(), low: try fixed64())
  }

  /// Thirty-two bytes.
  public mutating func digest() throws(WireError) -> Digest {
    Digest(head: try bytes16(), tail: try bytes16())
  }

  /// An unsigned LEB128 number in its shortest form.
  public mutating func varint() throws(WireError) -> UInt64 {
    let start = position
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while true {
      let byte = try byte()
      let bits = UInt64(byte & 0x7f)
      guard shift < 63 || bits <= 1, shift <= 63 else {
        throw WireError(.limit, "expected a number of at most 64 bits", offset: start)
      }
      value |= bits << shift
      if byte & 0x80 == 0 {
        guard byte != 0 || shift == 0 else {
          throw WireError(.nonCanonical, "expected the shortest form of a number", offset: start)
        }
        return value
      }
      shift += 7
    }
  }

  /// A varint of at most `limit`.
  public mutating func varint(max limit: UInt64, _ what: @autoclosure () -> String) throws(WireError) -> UInt64 {
    let start = position
    let value = try varint()
    guard value <= limit else {
      throw WireError(.limit, "expected \(what()) of at most \(limit), got \(value)", offset: start)
    }
    return value
  }

  /// A varint that fits 32 bits.
  public mutating func varint32(_ what: @autoclosure () -> String) throws(WireError) -> UInt32 {
    UInt32(try varint(max: UInt64(UInt32.max), what()))
  }

  /// The number of elements that follow: at most `limit`, and no more than the bytes left can hold.
  public mutating func count(
    max limit: Int, of what: @autoclosure () -> String, bytesEach: Int = 1
  ) throws(WireError) -> Int {
    let start = position
    let value = Int(try varint(max: UInt64(limit), "a number of \(what())"))
    guard value <= remaining / max(bytesEach, 1) else {
      throw WireError(
        .truncated, "expected \(value) \(what()), but only \(remaining) bytes follow", offset: start)
    }
    return value
  }

  /// A signed number whose sign is in the lowest bit.
  public mutating func zigzag() throws(WireError) -> Int64 {
    let value = try varint()
    return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
  }

  /// A length of at most `limit`, then as many bytes.
  public mutating func counted(max limit: Int, _ what: @autoclosure () -> String) throws(WireError) -> ArraySlice<UInt8>
  {
    try take(try count(max: limit, of: "bytes of \(what())"))
  }

  /// A length of at most `limit`, then as many bytes of UTF-8. Anything else is refused, never replaced.
  public mutating func text(max limit: Int, _ what: @autoclosure () -> String) throws(WireError) -> String {
    let start = position
    guard let text = String(utf8: try counted(max: limit, what())) else {
      throw WireError(.invalid, "expected UTF-8 in \(what())", offset: start)
    }
    return text
  }

  /// Refuses bytes that are left over.
  public func finish(_ what: String) throws(WireError) {
    guard remaining == 0 else {
      throw WireError(.trailing, "expected the end of \(what), \(remaining) bytes follow", offset: position)
    }
  }

  private func truncated(_ wanted: Int) -> WireError {
    WireError(.truncated, "expected \(wanted) more bytes, \(remaining) are left", offset: position)
  }
}
