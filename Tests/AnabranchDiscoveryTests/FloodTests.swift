import AnabranchCore
import SeededRandom
import Testing

@testable import AnabranchDiscovery

/// Somebody on the link who means no good.
@Suite struct FloodTests {
  private var random = RandomStream(seed: 1)
  private var wire = Wire(seed: 1)
  private let laptop: Int

  init() {
    laptop = wire.add(.family(1, of: 9), host: 1)
    wire.run(for: .seconds(2))
  }

  /// The announcement of a device, as who has heard it can repeat it: under a name and addresses of their own.
  private mutating func forged(
    _ device: UInt8, _ name: String, at addresses: [IPAddress], holding timeToLive: UInt32 = 120, space: UInt8 = 7
  ) -> DNSMessage {
    let text = ServiceText(of: .device(device), in: Bytes16(high: UInt64(space), low: 0), nonce: random.bytes16())
    let (instance, host) = (DomainName(name).within(.service), DomainName("h" + name).within(.local))
    func record(_ name: DomainName, _ content: DNSRecord.Content) -> DNSRecord {
      DNSRecord(name, content, timeToLive: timeToLive, isFlush: false)
    }
    return DNSMessage(
      isResponse: true,
      answers: [
        record(.service, .pointer(instance)), record(instance, .text(text.strings)),
        record(instance, .service(priority: 0, weight: 0, port: 4850, target: host)),
      ], additionals: addresses.map { record(host, .address($0)) })
  }

  private mutating func hear(_ message: DNSMessage, from host: UInt32 = 66) {
    wire.take(.received(message.bytes, from: .local(host)), at: laptop)
  }

  @Test mutating func whatIsKeptIsBounded() {
    for number in 0..<5_000 {
      if number.isMultiple(of: 150) { wire.run(for: .seconds(1)) }
      let addresses = (0..<UInt32(20)).map { IPAddress.local(2 + $0 + UInt32(number % 10) * 20) }
      hear(forged(UInt8(2 + number % 8), "n\(number)", at: addresses))
      let browser = wire.machines[laptop].discovery.browser
      #expect(browser.services.count <= min(DiscoveryLimits.servicesMax, 8 * DiscoveryLimits.servicesPerDeviceMax))
      #expect(browser.known.count <= DiscoveryLimits.knownAnswersMax)
      guard number.isMultiple(of: 100) else { continue }
      let counts = Dictionary(grouping: wire.machines[laptop].found, by: \.device).values.map(\.count)
      #expect(counts.allSatisfy { $0 <= DiscoveryLimits.addressesMax })
    }
    #expect(wire.machines[laptop].found.count == 8 * DiscoveryLimits.addressesMax, "what is bounded did come")
    // A question is never larger than a frame of Ethernet, whatever is known, and there is at most one a second.
    let questions = wire.machines[laptop].sent.filter { $0.bytes[2] & 0x80 == 0 }
    #expect(questions.allSatisfy { $0.bytes.count <= 1_400 })
    for (before, after) in zip(questions, questions.dropFirst()) { #expect(after.time - before.time >= .seconds(1)) }
    // And who is really there is found all the same, once that is over.
    let phone = wire.add(.family(2, of: 9), host: 2)
    wire.run(for: .seconds(2))
    #expect(wire.machines[laptop].found.contains(Sighting(.device(2), at: .local(2), port: 4850)))
    wire.take(.stopped, at: phone)
  }

  @Test mutating func moreThanSoManyMessagesASecondAreNotRead() {
    wire.run(for: .milliseconds(1_000))
    for number in 0..<DiscoveryLimits.messagesPerSecondMax { hear(forged(2, "n\(number)", at: [], space: 8)) }
    hear(forged(2, "late", at: [.local(3)]))
    #expect(wire.machines[laptop].found.isEmpty)
    wire.run(for: .seconds(1))
    hear(forged(2, "next", at: [.local(3)]))
    #expect(wire.machines[laptop].found.count == 1)
  }

  @Test mutating func aMessageIsReadOnlySoFar() {
    var all = DNSMessage(isResponse: true)
    for number in 0..<UInt32(30) {
      let one = forged(UInt8(2 + number % 8), "n\(number)", at: [.local(100 + number)])
      all.answers += one.answers + one.additionals
    }
    hear(all)
    #expect(wire.machines[laptop].found.count == DiscoveryLimits.servicesPerMessageMax)
  }

  @Test mutating func whatIsNotOnThisLinkIsNotBelieved() {
    let outside: [IPAddress] = [
      .version4(8 << 24 | 8), .version4(127 << 24 | 1), .version4(0), .version4(224 << 24 | 251), .version4(.max),
      .version6(Bytes16(high: 0xfe80 << 48, low: 1)), .version6(Bytes16(high: 0, low: 1)),
    ]
    for address in outside { hear(forged(2, "n", at: [address])) }
    #expect(wire.machines[laptop].found.isEmpty)
    wire.take(.received(forged(2, "n", at: [.local(3)]).bytes, from: .version4(8 << 24 | 8)), at: laptop)
    #expect(wire.machines[laptop].found.isEmpty)
    hear(forged(2, "n", at: outside + [.local(3)]))
    #expect(wire.machines[laptop].found == [Sighting(.device(2), at: .local(3), port: 4850)])
  }

  @Test mutating func onlyTheFirstTextIsBelieved() {
    var message = forged(2, "n", at: [.local(3)])
    let strange = forged(2, "n", at: [], space: 8).answers[1]
    message.answers.insert(strange, at: 0)
    hear(message)
    #expect(wire.machines[laptop].found.isEmpty)
  }

  @Test mutating func whatIsTakenBackInAnothersNameIsAnnouncedAnew() {
    let phone = wire.add(.family(2, of: 9), host: 2)
    wire.run(for: .seconds(5))
    let instance = wire.machines[phone].discovery.responder.announcement.instance
    let farewell = DNSMessage(
      isResponse: true, answers: [DNSRecord(.service, .pointer(instance), timeToLive: 0, isFlush: false)])
    for _ in 0..<20 {
      for machine in [laptop, phone] { wire.take(.received(farewell.bytes, from: .local(66)), at: machine) }
      wire.run(for: .milliseconds(1_500))
      #expect(wire.machines[laptop].found == [Sighting(.device(2), at: .local(2), port: 4850)])
    }
  }

  @Test mutating func whatIsNotWholeIsNothing() {
    for lacking in 0..<4 {
      var message = forged(2, "n", at: [.local(3)])
      if lacking < 3 { message.answers.remove(at: lacking) } else { message.additionals = [] }
      hear(message)
    }
    #expect(wire.machines[laptop].found.isEmpty)
  }

  /// Nobody's word holds for longer than an hour and a quarter, and a short one does not make it ask all the time.
  @Test mutating func timesAreBounded() {
    hear(forged(2, "long", at: [.local(3)], holding: .max))
    hear(forged(3, "short", at: [.local(4)], holding: 1))
    #expect(wire.machines[laptop].found.count == 2)
    let count = wire.machines[laptop].sent.count
    wire.run(for: .seconds(10))
    #expect(wire.machines[laptop].found.map(\.device) == [.device(2)])
    #expect(wire.machines[laptop].sent.count - count <= 5)
    wire.run(for: .seconds(4_500))
    #expect(wire.machines[laptop].found.isEmpty)
  }

  @Test mutating func arbitraryBytesDoNoHarm() {
    for _ in 0..<5_000 {
      if random.chance(1, in: 100) { wire.run(for: .seconds(1)) }
      var bytes = forged(
        UInt8(random.number(in: 2...9)), "n\(random.below(20))", at: [.local(UInt32(random.below(256)))]
      ).bytes
      for _ in 0..<random.below(4) { bytes[random.below(bytes.count)] = UInt8(random.below(256)) }
      wire.take(.received(bytes, from: .local(66)), at: laptop)
    }
    let found = wire.machines[laptop].found
    #expect(!found.isEmpty && found.allSatisfy { (2...9).contains($0.device.head.high) })
  }
}
