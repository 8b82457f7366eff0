import AnabranchCore
import AnabranchTestSupport
import SeededRandom
import Testing

@Suite("Identifiers as they are printed")
struct ObjectIDTests {
  private static func log(_ random: inout RandomStream) -> LogID {
    LogID(random.bytes16())
  }

  @Test("The printed form names one operation of a log and is found back", arguments: UInt64(0)..<4)
  func bijective(seed: UInt64) {
    var random = RandomStream(seed: seed)
    let log = Self.log(&random)
    var seen: Set<Bytes16> = []
    var wrong = 0
    for sequence in UInt32(1)...500 {
      for index in [UInt32(0), 1, 2, 255, 256, 1 << 19, ObjectID.indexMax] {
        let id = ObjectID.native(OperationID(log: log, sequence: sequence, index: index))
        if !seen.insert(id.printed).inserted { wrong += 1 }
        if ObjectID(printed: id.printed, log: log) != id { wrong += 1 }
      }
    }
    for _ in 0..<2_000 {
      let log = Self.log(&random)
      let id = OperationID(
        log: log, sequence: UInt32(random.number(in: 1...Int(UInt32.max))),
        index: UInt32(random.number(in: 0...Int(ObjectID.indexMax))))
      if ObjectID(printed: ObjectID.native(id).printed, log: log) != .native(id) { wrong += 1 }
      if ObjectID(printed: ObjectID.native(id).printed, log: Self.log(&random)) != nil { wrong += 1 }
      // Whatever reads as an object of the log prints as what was read.
      let any = Bytes16(
        high: random.next() & ~0xff | log.bytes.high >> 56,
        low: log.bytes.high << 8 | log.bytes.low >> 56)
      if let read = ObjectID(printed: any, log: log), read.printed != any { wrong += 1 }
    }
    #expect(wrong == 0)
  }

  @Test("No change 0 is read out of a printed form")
  func noChangeZero() {
    let log = LogID(Bytes16(high: 1, low: 2))
    let zero = ObjectID.native(OperationID(log: log, sequence: 0, index: 5))
    #expect(ObjectID(printed: zero.printed, log: log) == nil)
  }

  @Test("Candidates are all sequences whose printed form starts so, and no others", arguments: 0...10)
  func candidatesExhaustively(bits: Int) {
    var random = RandomStream(seed: UInt64(bits))
    let log = Self.log(&random)
    let last: UInt32 = 700
    for prefix in 0..<(1 << bits) {
      let aligned = bits == 0 ? 0 : UInt32(prefix) << UInt32(32 - bits)
      let found = ObjectID.candidates(prefix: aligned, bits: bits, in: log, last: last).map { UInt32($0) }
      let expected = (1...last).filter { sequence in
        let printed = ObjectID.native(OperationID(log: log, sequence: sequence, index: 3)).printed
        return bits == 0 || printed.high >> UInt64(64 - bits) == UInt64(prefix)
      }
      #expect(Set(found) == Set(expected))
      #expect(found.count == expected.count)
    }
  }

  @Test("Every object is among the candidates of each of its prefixes")
  func candidatesOfLargeLogs() {
    var random = RandomStream(seed: 5)
    for _ in 0..<200 {
      let log = Self.log(&random)
      let sequence = UInt32(random.number(in: 1...Int(UInt32.max)))
      let printed = ObjectID.native(OperationID(log: log, sequence: sequence, index: 0)).printed
      let prefix = UInt32(truncatingIfNeeded: printed.high >> 32)
      for bits in [16, 20, 24, 31, 32, 40] {
        let noise = bits >= 32 ? 0 : UInt32(truncatingIfNeeded: random.next()) >> UInt32(bits)
        let found = ObjectID.candidates(prefix: prefix ^ noise, bits: bits, in: log, last: .max)
        #expect(found.contains(UInt64(sequence)))
        #expect(found.allSatisfy { $0 >= 1 && $0 <= UInt64(UInt32.max) })
      }
    }
  }

  @Test("The order of identifiers is total and that of their printed forms", arguments: UInt64(0)..<4)
  func totalOrder(seed: UInt64) {
    var random = RandomStream(seed: seed)
    let log = Self.log(&random)
    let twin = LogID(Bytes16(high: log.bytes.high, low: log.bytes.low ^ 1))
    var ids: [ObjectID] = []
    for sequence in UInt32(1)...6 {
      let id = ObjectID.native(OperationID(log: log, sequence: sequence, index: 0))
      ids += [id, .imported(id.printed), .imported(random.bytes16())]
      if let other = ObjectID(printed: id.printed, log: twin) { ids.append(other) }
    }
    var wrong = 0
    for a in ids {
      for b in ids {
        if [a < b, b < a, a == b].filter({ $0 }).count != 1 { wrong += 1 }
        if a.printed < b.printed, !(a < b) { wrong += 1 }
        for c in ids where a < b && b < c && !(a < c) { wrong += 1 }
      }
    }
    #expect(wrong == 0)
  }

  @Test("Sequences one after the other differ in the first printed characters")
  func prefixesTellApart() {
    var random = RandomStream(seed: 3)
    let log = Self.log(&random)
    let prefixes = (UInt32(1)...256).map {
      ObjectID.native(OperationID(log: log, sequence: $0, index: 0)).description.prefix(2)
    }
    #expect(Set(prefixes).count == 256)
  }

  @Test("Hexadecimal digits are read back, and nothing else is")
  func hexadecimal() {
    var random = RandomStream(seed: 4)
    for count in 0..<40 {
      let bytes = random.bytes(count)
      #expect(Hexadecimal.decode(Hexadecimal.encode(bytes)) == bytes)
      #expect(Hexadecimal.decode(Hexadecimal.encode(bytes).uppercased()) == bytes)
    }
    for text in ["a", "0g", "é", " 0", "0x00", "+1"] { #expect(Hexadecimal.decode(text) == nil) }
  }

  @Test("Sixteen and thirty-two bytes keep their bytes and their order")
  func fixedBytes() {
    var random = RandomStream(seed: 6)
    for _ in 0..<200 {
      let (a, b) = (random.digest(), random.digest())
      #expect(Digest(a.bytes) == a && Bytes16(a.head.bytes) == a.head)
      #expect((a < b) == a.bytes.lexicographicallyPrecedes(b.bytes))
      #expect((a.head < b.head) == a.head.bytes.lexicographicallyPrecedes(b.head.bytes))
    }
    #expect(Digest([UInt8](repeating: 1, count: 31)) == nil)
    #expect(Bytes16([UInt8](repeating: 1, count: 15)) == nil)
  }
}
