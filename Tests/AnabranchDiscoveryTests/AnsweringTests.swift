import AnabranchCore
import SeededRandom
import Testing

@testable import AnabranchDiscovery

/// What a machine says, and when: RFC 6762, §5 to §8.
@Suite struct AnsweringTests {
  private var wire = Wire(seed: 1)
  private let laptop: Int
  private let instance: DomainName
  private let host: DomainName

  init() {
    laptop = wire.add(.family(1), host: 1)
    wire.run(for: .seconds(10))
    instance = wire.machines[laptop].discovery.responder.announcement.instance
    host = wire.machines[laptop].discovery.responder.announcement.host
  }

  private var said: [(time: Duration, message: DNSMessage)] {
    wire.messages(of: laptop, isResponse: true)
  }

  private mutating func ask(
    _ name: DomainName = .service, type: UInt16 = 12, knowing seconds: UInt32? = nil, isTruncated: Bool = false,
    from host: UInt32 = 66
  ) {
    var message = DNSMessage(
      isResponse: false, isTruncated: isTruncated, questions: [DNSQuestion(name, type: type, wantsUnicast: true)])
    if let seconds { message.answers = [pointer(holding: seconds)] }
    wire.take(.received(message.bytes, from: .local(host)), at: laptop)
  }

  private func pointer(holding seconds: UInt32) -> DNSRecord {
    DNSRecord(.service, .pointer(instance), timeToLive: seconds, isFlush: false)
  }

  @Test func whatIsNewIsAnnouncedTwice() throws {
    #expect(said.count == 2)
    #expect(said[0].time <= .milliseconds(250) && said[1].time - said[0].time >= .seconds(1))
    let answers = said[0].message.answers
    #expect(said[1].message.answers == answers && answers.count == 4)
    // What others may announce too stands beside theirs; the rest takes the place of what was.
    #expect(answers.map(\.isFlush) == [false, true, true, true])
    #expect(answers.allSatisfy { $0.timeToLive == 120 })
    #expect(answers[3] == DNSRecord(host, .address(.local(1)), timeToLive: 120, isFlush: true))
    #expect(instance.labels[0].count == 16 && host.labels[0].count == 16 && instance.labels[0] != host.labels[0])
  }

  @Test mutating func questionsAreAnsweredAfterADrawnTime() {
    var delays: Set<Duration> = []
    for _ in 0..<50 {
      let asked = wire.now
      ask()
      wire.run(for: .seconds(5))
      let delay = said.last.map { $0.time - asked } ?? .zero
      #expect(delay >= .milliseconds(20) && delay <= .milliseconds(120))
      delays.insert(delay)
    }
    #expect(said.count == 52 && delays.count > 20)
  }

  @Test(arguments: [UInt16(12), 255]) mutating func whateverIsAskedIsAnswered(type: UInt16) {
    let own: [(DomainName, UInt16)] = [
      (.service, type), (instance, 33), (instance, 16), (instance, 255), (host, 1), (host, 28),
    ]
    for (name, type) in own {
      let count = said.count
      ask(name, type: type)
      wire.run(for: .seconds(5))
      #expect(said.count == count + 1)
    }
    let count = said.count
    let others: [(DomainName, UInt16)] = [
      (.service, 16), (instance, 12), (host, 33), (DomainName("x").within(.service), 255),
    ]
    for (name, type) in others { ask(name, type: type) }
    wire.run(for: .seconds(5))
    #expect(said.count == count)
  }

  @Test mutating func nothingIsSaidTwiceWithinASecond() {
    for number in 0..<UInt32(100) {
      ask(from: 50 + number)
      wire.run(for: .milliseconds(70))
    }
    wire.run(for: .seconds(2))
    #expect((8...11).contains(said.count))
    for (before, after) in zip(said, said.dropFirst()) { #expect(after.time - before.time >= .seconds(1)) }
  }

  @Test mutating func whoKnowsIsNotTold() {
    ask(knowing: 60)
    wire.run(for: .seconds(5))
    #expect(said.count == 2)
    ask(knowing: 59)
    wire.run(for: .seconds(5))
    #expect(said.count == 3, "it will not hold for long")
    ask(instance, type: 33, knowing: 120)
    wire.run(for: .seconds(5))
    #expect(said.count == 4, "something else was asked")
  }

  @Test mutating func whoHasMoreToSayIsWaitedFor() {
    let asked = wire.now
    ask(isTruncated: true)
    wire.run(for: .seconds(5))
    #expect(said.count == 3 && said[2].time - asked >= .milliseconds(400) && said[2].time - asked <= .milliseconds(500))
    // The rest of what is known comes by itself.
    let rest = DNSMessage(isResponse: false, answers: [pointer(holding: 100)])
    for source in [66, 67] as [UInt32] {
      ask(isTruncated: true)
      wire.run(for: .milliseconds(100))
      wire.take(.received(rest.bytes, from: .local(source)), at: laptop)
      wire.run(for: .seconds(5))
    }
    #expect(said.count == 4, "only who asked can call it off")
    ask(isTruncated: true)
    ask(from: 67)
    wire.take(.received(rest.bytes, from: .local(66)), at: laptop)
    wire.run(for: .seconds(5))
    #expect(said.count == 5, "another one waits")
  }

  @Test mutating func whatSomebodyElseTakesBackIsPutRight() {
    for seconds in [0, 59, 60] as [UInt32] {
      let forged = DNSMessage(isResponse: true, answers: [pointer(holding: seconds)])
      wire.take(.received(forged.bytes, from: .local(66)), at: laptop)
      wire.run(for: .seconds(5))
    }
    #expect(said.count == 4)
  }

  @Test func questionsBecomeRarer() {
    var wire = Wire(seed: 2)
    let laptop = wire.add(.family(1), host: 1, offers: false)
    wire.run(for: .seconds(40_000))
    let times = wire.messages(of: laptop, isResponse: false).map(\.time)
    let pauses = zip(times, times.dropFirst()).map { $1 - $0 }
    #expect(times[0] >= .milliseconds(20) && times[0] <= .milliseconds(120))
    for (index, pause) in pauses.enumerated() {
      let expected = min(.seconds(1 << min(index, 20)), DiscoveryLimits.questionIntervalMax)
      #expect(pause >= expected && pause <= expected + .milliseconds(120))
    }
    #expect(times.count == 13 + 9)
  }

  @Test func aQuestionSaysWhatIsKnownWhosesoeverItIs() throws {
    var wire = Wire(seed: 3)
    let (laptop, phone) = (wire.add(.family(1), host: 1), wire.add(.family(2), host: 2))
    let stranger = wire.add(.family(1, space: 8), host: 3)
    wire.run(for: .seconds(10))
    let known = try #require(wire.messages(of: laptop, isResponse: false).last?.message)
    let names = [laptop, phone, stranger].map { wire.machines[$0].discovery.responder.announcement.instance }
    #expect(Set(known.instances) == Set(names))
    #expect(known.answers.allSatisfy { $0.timeToLive > 60 && $0.timeToLive <= 120 && !$0.isFlush })
    #expect(known.questions == [DNSQuestion(.service, type: 12)])
    // Who is let in now is no reason to say which of those names are the others'.
    let changed = wire.now
    wire.take(.membership(.family(1, of: 3)), at: laptop)
    wire.run(for: .milliseconds(900))
    let asked = wire.messages(of: laptop, isResponse: false, since: changed)
    #expect(
      !asked.isEmpty && asked.allSatisfy { $0.message.answers.isEmpty || Set($0.message.instances) == Set(names) })
  }

  /// Nobody asks for all that time, and yet nothing is forgotten: it is asked for before that.
  @Test func whatIsAboutToBeForgottenIsAskedFor() {
    var wire = Wire(seed: 4)
    let (laptop, phone) = (wire.add(.family(1), host: 1), wire.add(.family(2), host: 2))
    wire.run(for: .seconds(20_000))
    let start = wire.now
    wire.run(for: .seconds(3_000))
    let asked =
      wire.messages(of: laptop, isResponse: false, since: start)
      + wire.messages(of: phone, isResponse: false, since: start)
    // Each 96 s and a bit, by whoever is first.
    #expect((25...70).contains(asked.count), "\(asked.count)")
    #expect(!wire.machines[laptop].found.isEmpty)
  }
}
