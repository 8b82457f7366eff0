import AnabranchCore
import AnabranchTestSupport
import AnabranchWire
import SeededRandom
import Testing

@Suite("Numbers and texts as bytes")
struct ByteReaderTests {
  private static func varint(_ bytes: [UInt8]) -> Result<UInt64, WireError> {
    var reader = ByteReader(bytes)
    return Result { () throws(WireError) in
      let value = try reader.varint()
      try reader.finish("a number")
      return value
    }
  }

  private static func code(_ bytes: [UInt8]) -> WireError.Code? {
    guard case .failure(let error) = varint(bytes) else { return nil }
    return error.code
  }

  @Test("Every number has one encoding, of seven bits a byte")
  func varints() throws {
    var random = RandomStream(seed: 1)
    let powers = (UInt64(0)..<64).flatMap { (shift: UInt64) -> [UInt64] in
      let power = UInt64(1) << shift
      return [power, power - 1, power + 1]
    }
    for value in powers + [.max] + (0..<500).map({ _ in random.next() >> UInt64(random.number(in: 0...63)) }) {
      var writer = ByteWriter()
      writer.write(varint: value)
      #expect(writer.bytes.count == max(1, (64 - value.leadingZeroBitCount + 6) / 7))
      #expect(try Self.varint(writer.bytes).get() == value)
      for count in writer.bytes.indices { #expect(Self.code(Array(writer.bytes[..<count])) == .truncated) }
    }
  }

  @Test("Overlong forms and more than 64 bits are refused")
  func varintEdges() {
    let nines = [UInt8](repeating: 0xff, count: 9)
    #expect(Self.code([0x80, 0]) == .nonCanonical)
    #expect(Self.code([0xff, 0x80, 0]) == .nonCanonical)
    #expect(Self.code([UInt8](repeating: 0x80, count: 9) + [0]) == .nonCanonical)
    #expect(Self.code(nines + [1]) == nil)
    #expect(Self.code(nines + [2]) == .limit)
    #expect(Self.code(nines + [0x7f]) == .limit)
    #expect(Self.code(nines + [0x81, 0]) == .limit)
    #expect(Self.code(nines + [0x80, 0]) == .limit)
    #expect(Self.code([UInt8](repeating: 0x80, count: 100)) == .limit)
    #expect(Self.code([]) == .truncated)
  }

  @Test("Signed numbers keep their sign and their extremes")
  func zigzag() throws {
    for value in [0, -1, 1, 63, -64, 64, Int64.min, .max, .min + 1] {
      var writer = ByteWriter()
      writer.write(zigzag: value)
      var reader = ByteReader(writer.bytes)
      #expect(try reader.zigzag() == value)
    }
    var writer = ByteWriter()
    writer.write(zigzag: -64)
    #expect(writer.bytes == [127])
  }

  @Test("Fixed numbers are most significant first")
  func fixed() throws {
    var writer = ByteWriter()
    writer.write(fixed: UInt32(0x0102_0304))
    writer.write(fixed: UInt64(0x0506_0708_090a_0b0c))
    #expect(writer.bytes == Array(1...12))
    var reader = ByteReader(writer.bytes)
    #expect(try reader.fixed32() == 0x0102_0304)
    #expect(try reader.fixed64() == 0x0506_0708_090a_0b0c)
    #expect(throws: WireError.self) { try reader.fixed32() }
    #expect(throws: WireError.self) { try reader.digest() }
  }

  @Test("A length is checked against its limit and the bytes left before it is read")
  func lengths() {
    func code(_ bytes: [UInt8], max limit: Int) -> WireError.Code? {
      var reader = ByteReader(bytes)
      do throws(WireError) {
        _ = try reader.counted(max: limit, "anything")
        return nil
      } catch {
        return error.code
      }
    }
    let huge: [UInt8] = [UInt8](repeating: 0xff, count: 9) + [1]
    #expect(code(huge, max: .max) == .limit)
    #expect(code(huge, max: 10) == .limit)
    #expect(code([3, 1, 2], max: 10) == .truncated)
    #expect(code([3, 1, 2, 3], max: 3) == nil)
    #expect(code([3, 1, 2, 3], max: 2) == .limit)
    var reader = ByteReader([200, 1, 2])
    #expect(throws: WireError.self) { try reader.take(-1) }
    #expect(throws: WireError.self) { try reader.take(4) }
  }

  @Test("What is no UTF-8 is refused, never replaced")
  func utf8() throws {
    let broken: [[UInt8]] = [
      [0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xe2, 0x82], [0x80],
    ]
    for bytes in broken {
      var reader = ByteReader([UInt8(bytes.count)] + bytes)
      #expect(throws: WireError.self) { try reader.text(max: 100, "a name") }
    }
    var reader = ByteReader([4, 0, 0xc3, 0xa9, 0x41])
    #expect(Array(try reader.text(max: 4, "a name").utf8) == [0, 0xc3, 0xa9, 0x41])
  }

  @Test("A part of an array keeps the array's positions")
  func slices() throws {
    var reader = ByteReader([9, 9, 5, 6, 7][2...])
    #expect(reader.position == 2 && reader.remaining == 3)
    #expect(try reader.byte() == 5)
    #expect(Array(reader.bytes(since: 2)) == [5])
  }
}
