import AnabranchCore
import AnabranchWire
import SeededRandom
import Testing

@testable import AnabranchDiscovery

/// Messages of the domain name system, whoever wrote them.
@Suite struct MessageTests {
  @Test(arguments: UInt64(0)..<300) func whatIsWrittenIsRead(seed: UInt64) throws {
    var random = RandomStream(seed: seed)
    let message = ArbitraryMessage.draw(using: &random)
    #expect(try DNSMessage(reading: message.bytes) == message)
  }

  /// As another program writes it, with pointers: a response of a printer, and a question of a class of its own among others.
  @Test func readsWhatOthersWrite() throws {
    let bytes: [UInt8] =
      [0, 0, 0x84, 0, 0, 0, 0, 1, 0, 0, 0, 3]
      + [4] + Array("_IPP".utf8) + [4] + Array("_tcp".utf8) + [5] + Array("local".utf8) + [0]
      + [0, 12, 0, 1, 0, 0, 0x11, 0x94, 0, 4, 1, 0x41, 0xc0, 12]
      // The SRV record of A._ipp._tcp.local., on host b.local., whose suffix the first name has.
      + [0xc0, 39, 0, 33, 0x80, 1, 0, 0, 0, 120, 0, 10, 0, 1, 0, 2, 2, 0x77, 1, 0x62, 0xc0, 22]
      + [0xc0, 39, 0, 16, 0x80, 1, 0, 0, 0x11, 0x94, 0, 4, 3, 0x61, 0x3d, 0x62]
      + [0xc0, 61, 0, 1, 0x80, 1, 0, 0, 0, 120, 0, 4, 10, 0, 0, 1]
    let message = try DNSMessage(reading: bytes)
    let (type, instance) = (DomainName("_ipp", "_tcp", "local"), DomainName("a", "_ipp", "_tcp", "local"))
    let host = DomainName("b", "local")
    #expect(message.isResponse && message.questions.isEmpty)
    #expect(message.answers == [DNSRecord(type, .pointer(instance), timeToLive: 4500, isFlush: false)])
    #expect(
      message.additionals == [
        DNSRecord(instance, .service(priority: 1, weight: 2, port: 631, target: host), timeToLive: 120, isFlush: true),
        DNSRecord(instance, .text([Array("a=b".utf8)]), timeToLive: 4500, isFlush: true),
        DNSRecord(host, .address(.local(1)), timeToLive: 120, isFlush: true),
      ])
  }

  @Test func theTopBitOfAClassIsNoneOfIt() throws {
    let question = DNSQuestion(.service, type: 12, wantsUnicast: true)
    let bytes = DNSMessage(isResponse: false, questions: [question]).bytes
    #expect(Array(bytes.suffix(4)) == [0, 12, 0x80, 1])
    #expect(try DNSMessage(reading: bytes).questions == [question])
    // Another class is read over, in a question and in a record.
    let chaos = Array(bytes.dropLast()) + [3]
    #expect(try DNSMessage(reading: chaos).questions == [])
  }

  @Test func aPartOfAMessageIsNone() {
    var random = RandomStream(seed: 1)
    for _ in 0..<20 {
      let bytes = ArbitraryMessage.draw(using: &random).bytes
      for count in 0..<bytes.count {
        #expect(throws: WireError.self) { try DNSMessage(reading: Array(bytes.prefix(count))) }
      }
      #expect(throws: WireError.self) { try DNSMessage(reading: bytes + [0]) }
    }
  }

  /// A question with a name of these bytes, whose first stands at 12.
  private func asking(_ name: [UInt8], _ more: [UInt8] = []) -> [UInt8] {
    [0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0] + name + [0, 12, 0, 1] + more
  }

  @Test(
    arguments: [
      [0xc0, 12],  // to itself
      [0xc0, 14],  // forward
      [0xff, 0xff],  // beyond the end
      [1, 97, 0xc0, 12],  // to its own beginning: a.a.a.a…
      [1, 97, 0xc0, 14],  // to the pointer itself
      [0x40, 0], [0x80, 0], [64],  // lengths that there are not
      [5, 97],  // a label beyond the end
    ] as [[UInt8]]) func aNameThatLeadsNowhereIsRefused(name: [UInt8])
  {
    #expect(throws: WireError.self) { try DNSMessage(reading: asking(name)) }
  }

  @Test func namesHaveAnEnd() throws {
    func labels(_ count: Int, of bytes: Int) -> [UInt8] {
      (0..<count).flatMap { _ in [UInt8(bytes)] + [UInt8](repeating: 97, count: bytes) }
    }
    // 254 bytes of labels and the end: the longest.
    let longest = labels(3, of: 63) + labels(1, of: 61) + [0]
    #expect(try DNSMessage(reading: asking(longest)).questions.first?.name.labels.count == 4)
    #expect(throws: WireError.self) { try DNSMessage(reading: asking(labels(3, of: 63) + labels(1, of: 62) + [0])) }
    #expect(throws: WireError.self) { try DNSMessage(reading: asking(labels(128, of: 1) + [0])) }
    // A record that hides a chain of pointers, each to the one before, and a name that begins at its end.
    func chain(_ count: Int) -> [UInt8] {
      let start = 12 + 11
      let pointers = (0..<count).flatMap { index -> [UInt8] in
        let target = index == 0 ? 12 : start + 2 * (index - 1)
        return [0xc0 | UInt8(target >> 8), UInt8(target & 0xff)]
      }
      let length: [UInt8] = [UInt8(pointers.count >> 8), UInt8(pointers.count & 0xff)]
      let last = start + 2 * (count - 1)
      let record = [0, 0, 99, 0, 1, 0, 0, 0, 0] + length + pointers
      let name: [UInt8] = [0xc0 | UInt8(last >> 8), UInt8(last & 0xff), 0, 99, 0, 1, 0, 0, 0, 0, 0, 0]
      return [0, 0, 0x80, 0, 0, 0, 0, 2, 0, 0, 0, 0] + record + name
    }
    #expect(try DNSMessage(reading: chain(DiscoveryLimits.pointersMax - 1)).answers.count == 2)
    #expect(throws: WireError.self) { try DNSMessage(reading: chain(DiscoveryLimits.pointersMax)) }
  }

  @Test func aMessageHasAnEnd() throws {
    func records(_ count: Int) -> [UInt8] {
      [0, 0, 0x80, 0, 0, 0, UInt8(count >> 8), UInt8(count & 0xff), 0, 0, 0, 0]
        + (0..<count).flatMap { _ in [0, 0, 99, 0, 1, 0, 0, 0, 0, 0, 0] as [UInt8] }
    }
    #expect(try DNSMessage(reading: records(DiscoveryLimits.entriesMax)).answers.count == DiscoveryLimits.entriesMax)
    #expect(throws: WireError.self) { try DNSMessage(reading: records(DiscoveryLimits.entriesMax + 1)) }
    let large = DNSRecord(.local, .other(type: 99, bytes: []), timeToLive: 0, isFlush: false)
    func message(_ bytes: Int) -> [UInt8] {
      var record = large
      record.content = .other(type: 99, bytes: [UInt8](repeating: 0, count: bytes))
      return DNSMessage(isResponse: true, answers: [record]).bytes
    }
    let overhead = message(0).count
    #expect(throws: Never.self) { try DNSMessage(reading: message(DiscoveryLimits.messageBytesMax - overhead)) }
    #expect(throws: WireError.self) { try DNSMessage(reading: message(DiscoveryLimits.messageBytesMax - overhead + 1)) }
  }

  /// The flags: a response, then an operation apart from the query, and a failure.
  @Test(arguments: [[0x88, 0x00], [0xf8, 0x00], [0x80, 0x01], [0x80, 0x0f]] as [[UInt8]])
  func otherOperationsAndFailuresAreNotRead(flags: [UInt8]) {
    func message(_ flags: [UInt8]) -> [UInt8] { [0, 0] + flags + [UInt8](repeating: 0, count: 8) }
    #expect(throws: Never.self) { try DNSMessage(reading: message([0x80, 0x00])) }
    #expect(throws: WireError.self) { try DNSMessage(reading: message(flags)) }
  }

  /// Whatever comes is refused, or is a message that is read from its own bytes again.
  @Test func tenThousandAlteredMessages() throws {
    var random = RandomStream(seed: 2)
    var taken = 0
    for _ in 0..<10_000 {
      var bytes = ArbitraryMessage.draw(using: &random).bytes
      for _ in 0...random.below(4) {
        switch random.below(4) {
        case 0: bytes[random.below(bytes.count)] = UInt8(random.below(256))
        case 1: bytes[random.below(bytes.count)] = random.one(of: 0xc0, 0xff, 0, 63, 64)
        case 2: bytes.insert(UInt8(random.below(256)), at: random.below(bytes.count))
        default: bytes.removeSubrange(0..<random.below(max(bytes.count - 12, 1)))
        }
      }
      guard let message = try? DNSMessage(reading: bytes) else { continue }
      taken += 1
      #expect(try DNSMessage(reading: message.bytes) == message)
    }
    #expect(taken > 500, "only \(taken) of them were messages")
  }
}

/// A message with some of everything.
enum ArbitraryMessage {
  static func draw(using random: inout RandomStream) -> DNSMessage {
    DNSMessage(
      isResponse: random.chance(1, in: 2), isTruncated: random.chance(1, in: 4),
      questions: (0..<random.below(3)).map { _ in
        DNSQuestion(name(&random), type: UInt16(random.below(300)), wantsUnicast: random.chance(1, in: 2))
      },
      answers: (0..<random.below(4)).map { _ in record(&random) },
      additionals: (0..<random.below(3)).map { _ in record(&random) })
  }

  private static func name(_ random: inout RandomStream) -> DomainName {
    guard random.chance(1, in: 2) else { return .service }
    return DomainName(
      labels: (0..<random.below(4)).map { _ in random.bytes(random.number(in: 1...random.one(of: 4, 63))) })
  }

  private static func record(_ random: inout RandomStream) -> DNSRecord {
    let content: DNSRecord.Content =
      switch random.below(6) {
      case 0: .pointer(name(&random))
      case 1:
        .service(
          priority: UInt16(random.below(3)), weight: 0, port: UInt16(random.below(65_536)), target: name(&random))
      case 2: .text((0..<random.below(4)).map { _ in random.bytes(random.below(256)) })
      case 3: .address(.version4(UInt32(truncatingIfNeeded: random.next())))
      case 4: .address(.version6(random.bytes16()))
      default: .other(type: 47, bytes: random.bytes(random.below(20)))
      }
    return DNSRecord(
      name(&random), content, timeToLive: UInt32(truncatingIfNeeded: random.next()), isFlush: random.chance(1, in: 2))
  }
}
