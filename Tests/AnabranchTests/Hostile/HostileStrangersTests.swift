import AnabranchCore
import AnabranchNoise
import AnabranchWire
import SeededRandom
import Testing

@testable import Anabranch

/// What somebody who is not let in sends to the listener, over real sockets: it gets nothing, and does no harm.
@Suite(.timeLimit(.minutes(2))) struct HostileStrangersTests {
  /// Sends `bytes` and expects the connection to be closed without a byte, in `time` at most.
  private func expectSilence(
    after bytes: [UInt8], at address: String, within time: Duration = .seconds(2)
  ) async throws {
    let guest = try await Guest(to: address)
    let start = ContinuousClock.now
    guest.send(bytes)
    #expect(await guest.rest() == [])
    #expect(start.duration(to: .now) < time)
    await guest.finish()
  }

  private static let opening: [UInt8] = Array("ANBR".utf8) + [1, 1]

  @Test func input1SilenceEndsAtADeadline() async throws {
    try await withServer { _, address, _ in
      let start = ContinuousClock.now
      try await expectSilence(after: [], at: address, within: .seconds(8))
      #expect(start.duration(to: .now) > .seconds(4))
    }
  }

  @Test func input2ADeadlineIsAbsolute() async throws {
    try await withServer { _, address, _ in
      let guest = try await Guest(to: address)
      let start = ContinuousClock.now
      let talking = Task {
        for byte in Self.opening + [0, 48] + [UInt8](repeating: 1, count: 48) {
          guest.send([byte])
          try await Task.sleep(for: .milliseconds(400))
        }
      }
      #expect(await guest.rest() == [])
      #expect(start.duration(to: .now) < .seconds(8))
      talking.cancel()
      await guest.finish()
    }
  }

  @Test func input3ConnectionsAreCapped() async throws {
    try await withServer { _, address, _ in
      var guests: [Guest] = []
      for _ in 0..<64 { guests.append(try await Guest(to: address)) }
      // Those beyond sixteen from one address are closed at once; the others have their five seconds.
      let start = ContinuousClock.now
      for guest in guests.suffix(32) { #expect(await guest.rest() == []) }
      #expect(start.duration(to: .now) < .seconds(4))
      for guest in guests { await guest.finish() }
    }
  }

  @Test func input4OtherProtocolsGetNothing() async throws {
    try await withServer { _, address, _ in
      var random = RandomStream(seed: 4)
      let hello: [UInt8] = [0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3]
      for bytes in [Array("GET / HTTP/1.1\r\nHost: x\r\n\r\n".utf8), hello, [0, 0, 0, 0], Array("SSH-2.0-x\r\n".utf8)] {
        try await expectSilence(after: bytes, at: address)
      }
      for _ in 0..<20 { try await expectSilence(after: random.bytes(random.number(in: 4...4_000)), at: address) }
    }
  }

  @Test func input8AReplayedFirstMessageHasNoEffect() async throws {
    try await withServer { laptop, address, space in
      var channel = SecureChannel(
        dialling: .meeting(space: space), try Guest.keys(1).keys, ephemeral: try Guest.ephemeral()
      ) { _ in true }
      let first = try channel.start().reply
      var answers: Set<[UInt8]> = []
      for _ in 0..<3 {
        let guest = try await Guest(to: address)
        guest.send(first)
        // Each is answered anew, with other keys, and nothing comes of any.
        answers.insert(await guest.rest())
        await guest.finish()
      }
      #expect(answers.count == 3 && answers.allSatisfy { $0.count < SecureChannel.handshakeBytesMax })
      #expect(try await laptop.status().peers.isEmpty)
    }
  }

  @Test func input9AnotherVersionOrSpaceGetsNothing() async throws {
    try await withServer { _, address, _ in
      for wrong in [Array("ANBR".utf8) + [2, 1], Array("ANBR".utf8) + [1, 9], Array("ANBS".utf8) + [1, 1]] {
        try await expectSilence(after: wrong + [0, 32] + [UInt8](repeating: 9, count: 32), at: address)
      }
      // Bound to another space, the second message cannot be read, so nobody can go on.
      let guest = try await Guest(to: address)
      await #expect(throws: ChannelError.self) {
        try await guest.shake(as: 1, in: Bytes16(high: 1, low: 2))
      }
      await guest.finish()
    }
  }

  @Test func input10KeysOfLowOrderAreRefused() async throws {
    try await withServer { _, address, _ in
      var points: [[UInt8]] = [.init(repeating: 0, count: 32), [1] + .init(repeating: 0, count: 31)]
      points.append([0xec] + .init(repeating: 0xff, count: 30) + [0x7f])
      for point in points { try await expectSilence(after: Self.opening + [0, 32] + point, at: address) }
    }
  }

  @Test func input12UnknownAndRemovedDevicesAreTreatedAlike() async throws {
    try await withServer { laptop, address, space in
      let removed = try Guest.keys(2).device
      try await laptop.enrol(removed, as: .writer)
      try await laptop.restrict(removed, to: .outsider)
      for byte: UInt8 in [1, 2] {
        let guest = try await Guest(to: address)
        try await guest.shake(as: byte, in: space)
        try guest.greet(as: byte, in: space)
        #expect(await guest.rest() == [], "a word to a stranger")
        await guest.finish()
      }
    }
  }

  @Test func input12ARemovalEndsWhatGoesOn() async throws {
    try await withServer { laptop, address, space in
      let device = try Guest.keys(3).device
      try await laptop.enrol(device, as: .writer)
      let guest = try await Guest(to: address)
      try await guest.shake(as: 3, in: space)
      try guest.greet(as: 3, in: space)
      guard case .hello? = try await guest.hear() else { return #expect(Bool(false), "expected a greeting") }
      try await laptop.restrict(device, to: .outsider)
      let secret = try await laptop.newConversation("After the removal")
      while let frame = try await guest.hear() {
        guard case .changes(let batch) = frame else { continue }
        let log = try #require(secret.operation)
        for run in batch.runs { #expect(UInt64(run.first.sequence) + UInt64(run.changes.count) <= log.sequence) }
      }
      await guest.finish()
    }
  }

  @Test func input13PayloadsThatDoNotBelongThereAreRefused() async throws {
    try await withServer { _, address, space in
      let keys = try #require(NoiseKeyPair(secret: [UInt8](repeating: 5, count: 32)))
      func handshake() throws -> NoiseHandshake {
        try NoiseHandshake(
          .xx, as: .initiator, prologue: Self.opening + space.bytes, static: keys, ephemeral: Guest.ephemeral())
      }
      func framed(_ message: [UInt8]) -> [UInt8] { [UInt8(message.count >> 8), UInt8(message.count & 0xff)] + message }
      // The first message has none.
      var first = try handshake()
      try await expectSilence(after: Self.opening + framed(first.write([1, 2, 3])), at: address)
      // A length that no message has, before anything is kept for it.
      try await expectSilence(after: Self.opening + [0xff, 0xff], at: address)
      // The third has a certificate of 96 bytes, and of that key.
      let other = try Guest.keys(9).keys
      for payload in [[], [UInt8](repeating: 1, count: 95), [UInt8](repeating: 1, count: 96), other.device.bytes] {
        let guest = try await Guest(to: address)
        var whole = try handshake()
        guest.send(Self.opening + framed(try whole.write()))
        var answer: [UInt8] = []
        while answer.count < 194 { answer += try #require(try await guest.receive()) }
        _ = try whole.read(Array(answer.dropFirst(2)))
        guest.send(framed(try whole.write(payload)))
        #expect(await guest.rest() == [])
        await guest.finish()
      }
    }
  }
}

/// A laptop with a history that serves. Afterwards an honest device still gets everything.
func withServer(
  surroundings: Surroundings = .system, _ body: (Replica, String, Bytes16) async throws -> Void
) async throws {
  try await withHomes(2) { homes in
    let laptop = try await Replica.create(at: homes[0], name: "Laptop", surroundings: surroundings)
    let phone = try await Replica.create(at: homes[1], name: "Phone")
    try await pair(laptop, phone)
    let chat = try await laptop.newConversation("Nobody else is to know")
    let server = try await laptop.serve(on: "127.0.0.1:0")
    try await body(laptop, server.address, #require(try await laptop.space()))
    try await phone.sync(with: server.address)
    #expect(try await phone.conversations().map(\.id).contains(chat))
    #expect(try await laptop.verify().faults == [])
    await server.stop()
    for replica in [laptop, phone] { try await replica.close() }
  }
}
