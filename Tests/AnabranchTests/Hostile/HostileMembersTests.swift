import AnabranchCore
import AnabranchNoise
import AnabranchWire
import Synchronization
import Testing

@testable import Anabranch

/// What a device that was let in and has gone bad sends, over real sockets: its session ends, and nothing of it stays.
///
/// The numbers of the inputs are those of a list of twenty-five. Codes, the eleventh, are tried in ``PairingTests``; nothing in the
/// protocol can be nested, which would be the nineteenth.
@Suite(.timeLimit(.minutes(2))) struct HostileMembersTests {
  private static let member: UInt8 = 42

  /// A guest that was let in has greeted, and everything it is told first has come.
  private func withMember(
    surroundings: Surroundings = .system, holding have: [HeldLog] = [],
    _ body: (Guest, Replica, Bytes16) async throws -> Void
  ) async throws {
    try await withServer(surroundings: surroundings) { laptop, address, space in
      try await laptop.enrol(Guest.keys(Self.member).device, as: .writer)
      let before = try await laptop.status().stateHash
      let guest = try await Guest(to: address)
      try await guest.shake(as: Self.member, in: space)
      try guest.greet(as: Self.member, in: space, holding: have)
      try await body(guest, laptop, space)
      await guest.finish()
      #expect(try await laptop.status().stateHash == before)
    }
  }

  /// Sends plain bytes of the session and expects it to end with a word about them.
  private func expectViolation(_ bytes: [UInt8], _ words: String) async throws {
    try await withMember { guest, _, _ in
      guest.send(try guest.seal(bytes))
      let closing = try await guest.farewell()
      #expect(closing?.code == Closing.Code.violation.rawValue, "\(words)")
      #expect(closing?.reason.contains(words) == true, "\(closing?.reason ?? "no reason")")
    }
  }

  @Test func input5AFrameWithoutAByte() async throws {
    try await expectViolation([0, 0, 0, 0], "expected a frame of 1 to")
  }

  @Test func input6ALengthBeyondTheCap() async throws {
    try await expectViolation([0xff, 0xff, 0xff, 0xff], "got 4294967295")
    try await expectViolation([0, 0x10, 0, 1], "got 1048577")
  }

  @Test func input7AnEndInMidFrame() async throws {
    try await withMember { guest, laptop, _ in
      guest.send(try guest.seal([0, 0, 1, 0, 4, 1, 2]))
      await guest.finish()
      while await !laptop.isAlone { try await Task.sleep(for: .milliseconds(5)) }
    }
  }

  @Test func input14WhatWasAltered() async throws {
    try await withMember { guest, laptop, _ in
      var sealed = try guest.seal(Frame.ping(1).canonicalBytes)
      sealed[sealed.count - 1] ^= 1
      guest.send(sealed)
      while let frame = try await guest.hear() { if case .pong = frame { Issue.record("it was answered") } }
      while await !laptop.isAlone { try await Task.sleep(for: .milliseconds(5)) }
    }
  }

  @Test func input15WhatIsReplayedOrOutOfOrder() async throws {
    for isReplay in [true, false] {
      try await withMember { guest, _, _ in
        let (first, second) = (
          try guest.seal(Frame.ping(1).canonicalBytes), try guest.seal(Frame.ping(2).canonicalBytes)
        )
        guest.send(isReplay ? first + first : second + first)
        var pongs = 0
        while let frame = try await guest.hear() { if case .pong = frame { pongs += 1 } }
        // The first came in good order, but maybe in one piece with what did not.
        #expect(pongs <= (isReplay ? 1 : 0))
      }
    }
  }

  /// A clock that a test sets on.
  private final class Clock: Sendable {
    private let ahead = Mutex(Duration.zero)

    func pass(_ span: Duration) {
      ahead.withLock { $0 += span }
    }

    var surroundings: Surroundings {
      var surroundings = Surroundings.system
      let uptime = surroundings.uptime
      surroundings.uptime = { uptime() + self.ahead.withLock { $0 } }
      return surroundings
    }
  }

  @Test func input16WhoSaysNothingMoreIsGivenUp() async throws {
    let clock = Clock()
    try await withMember(surroundings: clock.surroundings) { guest, laptop, _ in
      // What it lacks comes once both have met.
      while let frame = try await guest.hear() { if case .changes = frame { break } }
      var pings = 0
      for _ in 0..<4 {
        clock.pass(.seconds(16))
        await laptop.wake()
      }
      while let frame = try await guest.hear() { if case .ping = frame { pings += 1 } }
      #expect(pings > 0)
      while await !laptop.isAlone { try await Task.sleep(for: .milliseconds(5)) }
    }
  }

  @Test func input17AFrameThatNeverEnds() async throws {
    try await expectViolation([0, 0x10, 0, 0] + [UInt8](repeating: 0, count: 1 << 20), "kind that is known, got 0")
  }

  /// A length that was altered on the way: what follows is taken for the record, and for a sign of life, but not for ever.
  @Test func input17ARecordThatNeverEnds() async throws {
    let clock = Clock()
    try await withMember(surroundings: clock.surroundings) { guest, laptop, _ in
      guest.send([0xff, 0xff])
      for number in 0..<12 {
        guest.send([UInt8](repeating: UInt8(number), count: 24))
        try await Task.sleep(for: .milliseconds(20))
        clock.pass(.seconds(14))
        await laptop.wake()
      }
      while await !laptop.isAlone { try await Task.sleep(for: .milliseconds(5)) }
    }
  }

  @Test func input18CountsBeyondTheBytes() async throws {
    // `acknowledge`, `logs`, `changes`: 2⁶³ of each.
    let huge: [UInt8] = [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01]
    for kind: UInt8 in [5, 3, 4] {
      try await expectViolation([0, 0, 0, 11, kind] + huge, "expected a number of")
    }
  }

  @Test func input20TextThatIsNone() async throws {
    // `close` with the reason c0 80, an overlong zero.
    try await expectViolation([0, 0, 0, 5, 9, 0, 2, 0xc0, 0x80], "UTF-8")
  }

  @Test func input21NumbersTooLong() async throws {
    try await expectViolation([0, 0, 0, 3, 7, 0x81, 0x00], "shortest form")
    try await expectViolation([0, 0, 0, 12, 7] + [UInt8](repeating: 0xff, count: 11), "64 bits")
  }

  @Test func input22ListsOutOfOrder() async throws {
    try await withServer { laptop, address, space in
      try await laptop.enrol(Guest.keys(Self.member).device, as: .writer)
      let log = HeldLog(log: LogID(Bytes16(high: 9, low: 9)), sequence: 1, hash: Bytes16(high: 0, low: 0))
      let guest = try await Guest(to: address)
      try await guest.shake(as: Self.member, in: space)
      try guest.greet(as: Self.member, in: space, holding: [log, log])
      #expect(try await guest.farewell()?.reason.contains("ascending order") == true)
      await guest.finish()
    }
  }

  @Test func input23TimesFromTheFuture() async throws {
    try await withHomes(2) { homes in
      let laptop = try await Replica.create(at: homes[0], name: "Laptop")
      var surroundings = Surroundings.system
      surroundings.wall = { 4_070_908_800_000 }
      let phone = try await Replica.create(at: homes[1], name: "Phone", surroundings: surroundings)
      try await pair(laptop, phone)
      let chat = try await phone.newConversation("In 2099")
      let server = try await laptop.serve(on: "127.0.0.1:0")
      try await phone.sync(with: server.address)
      await server.stop()
      var logs: Set<LogID> = []
      for await event in server.events { if case .clockAhead(let log) = event { logs.insert(log) } }
      #expect(try await logs == [phone.status().log])
      // It is kept, and what is written here afterwards is dated by this clock.
      #expect(try await laptop.conversation(chat).summary.title == "In 2099")
      try await laptop.newConversation("Today")
      let last = try #require(try await laptop.actions(of: laptop.device(), limit: 1).actions.first)
      #expect(abs(last.time.milliseconds - Surroundings.system.wall()) < 60_000)
      for replica in [laptop, phone] { try await replica.close() }
    }
  }

  @Test func input24GapsAndNumbersFromTheFuture() async throws {
    let boast = HeldLog(
      log: LogID(Bytes16(high: 9, low: 9)), sequence: 1_000_000_000, hash: Bytes16(high: 0, low: 0))
    try await withMember(holding: [boast]) { guest, laptop, _ in
      // What it boasts of it may have; nothing is kept for that.
      let header = LogHeader.device(key: try Guest.keys(Self.member).device, nonce: Bytes16(high: 3, low: 4))
      let batch = ChangeBatch(
        runs: [.init(first: LogPosition(log: 0, sequence: 1_000_000_000), changes: [[1, 2, 3]])])
      try guest.say(.logs([header]), .changes(batch))
      #expect(try await guest.farewell()?.code == Closing.Code.violation.rawValue)
      #expect(try await laptop.status().vector[header.log] == 0)
    }
  }

  @Test func input25WhoNeverReads() async throws {
    let clock = Clock()
    try await withServer(surroundings: clock.surroundings) { laptop, address, space in
      let chat = try await laptop.newConversation("Much")
      let page = String(repeating: "words ", count: 30_000)
      for _ in 0..<60 { try await laptop.say(page, in: chat) }
      try await laptop.enrol(Guest.keys(Self.member).device, as: .writer)
      let guest = try await Guest(to: address)
      try await guest.shake(as: Self.member, in: space)
      // It has room for all of it, as it says, and takes nothing.
      try guest.greet(as: Self.member, in: space, credit: .max)
      for _ in 0..<2_000 { try guest.say(.ping(1)) }
      try await Task.sleep(for: .milliseconds(500))
      for _ in 0..<4 {
        clock.pass(.seconds(16))
        await laptop.wake()
      }
      while await !laptop.isAlone { try await Task.sleep(for: .milliseconds(5)) }
      await guest.finish()
      try await laptop.delete(chat)
    }
  }
}

extension Replica {
  /// Whether it has no connection.
  fileprivate var isAlone: Bool { links.isEmpty }
}

/// A member that speaks for somebody else: every batch ends with the word of the log's author.
extension HostileMembersTests {
  @Test func nobodySpeaksForAnotherDevice() async throws {
    let (author, member) = (try Self.key(7), try Self.key(Self.member))
    let header = LogHeader.device(key: author.publicKey, nonce: Bytes16(high: 1, low: 2))
    let sealed = Self.change(in: header)
    for (signer, isAccepted) in [(member, false), (author, true)] {
      try await withMember { guest, laptop, _ in
        let checkpoint = try Checkpoint(of: sealed.change.id, hash: sealed.hash, by: signer.logSigner)
        let first = LogPosition(log: 0, sequence: 1)
        let batch = ChangeBatch(
          runs: [.init(first: first, changes: [sealed.bytes])],
          signatures: [.init(at: first, signature: checkpoint.signature)])
        try guest.say(.logs([header]), .changes(batch), .ping(1))
        if isAccepted {
          // It may have carried that here from somewhere; it is kept, and counts for nothing.
          while let frame = try await guest.hear() { if case .acknowledge = frame { break } }
        } else {
          let closing = try await guest.farewell()
          #expect(closing?.code == Closing.Code.violation.rawValue)
          #expect(closing?.reason.contains("is not what its author signed") == true, "\(closing?.reason ?? "")")
        }
        #expect(try await laptop.status().vector[header.log] == (isAccepted ? 1 : 0))
      }
    }
  }

  private static func key(_ byte: UInt8) throws -> DeviceKey {
    try DeviceKey(seed: #require(Digest([UInt8](repeating: byte, count: 32))))
  }

  /// A conversation that is begun as the first change of a log.
  private static func change(in header: LogHeader) -> SealedChange {
    let id = ChangeID(log: header.log, sequence: 1)
    let time = HybridTime(milliseconds: 1_700_000_000_000, counter: 0)
    var open = OpenChange(id: id, time: time, wall: time.milliseconds, action: 1)
    let create = CreateConversation(created: time.milliseconds)
    _ = open.append(Draft(kind: .createConversation, target: nil, mutation: .createConversation(create)))
    return SealedChange(sealing: open, context: .init(id: id, previous: header.foundingHash), dependencies: [])
  }
}
