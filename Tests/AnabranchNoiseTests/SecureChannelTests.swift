import AnabranchCore
import Crypto
import SeededRandom
import Testing

@testable import AnabranchNoise

/// Crypto has a digest too.
private typealias DeviceID = AnabranchCore.Digest

@Suite struct SecureChannelTests {
  /// Both ends of a connection, and what is on its way.
  struct Line {
    var dialler: SecureChannel
    var answerer: SecureChannel
    /// Bytes to the answerer, and to the dialler.
    var (there, back): ([UInt8], [UInt8]) = ([], [])
    /// What either has been told.
    var (heardThere, heardBack): ([UInt8], [UInt8]) = ([], [])

    init(_ dialler: SecureChannel, _ answerer: SecureChannel) throws {
      (self.dialler, self.answerer) = (dialler, answerer)
      there = try self.dialler.start().reply + self.answerer.start().reply
    }

    /// Delivers all that is on its way, in pieces of at most `piece` bytes.
    mutating func run(inPiecesOf piece: Int = .max) throws {
      while !there.isEmpty || !back.isEmpty {
        let arriving = Array(there.prefix(piece))
        there.removeFirst(arriving.count)
        let answer = try answerer.receive(arriving)
        heardThere += answer.opened
        back += answer.reply
        let coming = Array(back.prefix(piece))
        back.removeFirst(coming.count)
        let reply = try dialler.receive(coming)
        heardBack += reply.opened
        there += reply.reply
      }
    }
  }

  private static let space = Bytes16(high: 7, low: 9)

  private func keys(_ seed: UInt64) throws -> ChannelKeys {
    var random = RandomStream(seed: seed)
    let signing = try Curve25519.Signing.PrivateKey(rawRepresentation: random.bytes(32))
    let device = try #require(DeviceID(Array(signing.publicKey.rawRepresentation)))
    return try ChannelKeys(device: device, keyPair: NoisePair.pair(&random)) { Array(try signing.signature(for: $0)) }
  }

  private func dialler(
    _ purpose: SecureChannel.Purpose = .meeting(space: space), seed: UInt64 = 1,
    accepts: @escaping @Sendable (DeviceID) -> Bool = { _ in true }
  ) throws -> SecureChannel {
    try SecureChannel(
      dialling: purpose, keys(seed), ephemeral: NoisePair.pair(of: UInt8(seed) &+ 100), accepts: accepts)
  }

  private func answerer(
    _ purposes: [SecureChannel.Purpose] = [.meeting(space: space)], seed: UInt64 = 2
  ) throws -> SecureChannel {
    try SecureChannel(answering: purposes, keys(seed), ephemeral: NoisePair.pair(of: UInt8(seed) &+ 100))
  }

  // MARK: What it promises

  @Test(arguments: [1, 3, 50, Int.max]) func bothSidesKnowEachOtherAndUnderstandEachOther(piece: Int) throws {
    for purpose in [SecureChannel.Purpose.meeting(space: Self.space), .pairing(secret: .init(repeating: 5, count: 32))]
    {
      var line = try Line(dialler(purpose), answerer([.meeting(space: Self.space), purpose].uniqued))
      #expect(!line.dialler.isOpen && line.dialler.peer == nil)
      try line.run(inPiecesOf: piece)
      #expect(line.dialler.isOpen && line.answerer.isOpen)
      // Who answers has not shown yet that it knows the secret.
      if case .pairing = purpose {
        #expect(line.dialler.peer == nil)
        line.back += try line.answerer.seal([0])
        try line.run(inPiecesOf: piece)
        line.heardBack = []
      }
      #expect(try line.dialler.peer?.device == keys(2).device)
      #expect(try line.answerer.peer?.device == keys(1).device)
      #expect(line.dialler.peer?.handshakeHash == line.answerer.peer?.handshakeHash)
      let words = [UInt8](repeating: 42, count: 70_000)
      line.there += try line.dialler.seal(words)
      line.back += try line.answerer.seal([1, 2, 3])
      try line.run(inPiecesOf: piece == 1 ? 4_000 : piece)
      #expect(line.heardThere == words && line.heardBack == [1, 2, 3])
    }
  }

  /// What can be sealed at once may come with the last message of the handshake.
  @Test func whatFollowsTheHandshakeAtOnceIsHeard() throws {
    var (one, other) = (try dialler(), try answerer())
    let reply = try one.receive(other.receive(one.start().reply).reply).reply
    let heard = try other.receive(reply + one.seal([9]))
    #expect(heard.opened == [9] && heard.reply.isEmpty)
  }

  @Test func nothingReadableCrossesTheWire() throws {
    var (one, other) = (try dialler(), try answerer())
    var wire = try one.start().reply
    let answer = try other.receive(wire).reply
    let last = try one.receive(answer).reply
    _ = try other.receive(last)
    let secret = Array("nobody reads this".utf8)
    wire += answer + last + (try one.seal(secret))
    for told in try [secret, keys(1).device.bytes, keys(2).device.bytes] {
      #expect(!wire.indices.contains { wire[$0...].starts(with: told) })
    }
  }

  // MARK: Who is not let in

  @Test func whoDialsTellsNothingToWhomItDoesNotKnow() throws {
    var (one, other) = (try dialler { _ in false }, try answerer())
    let answer = try other.receive(one.start().reply).reply
    #expect(
      throws: ChannelError(
        .stranger, "what answers is the device \(try keys(2).device), which is not known here",
        device: try keys(2).device)
    ) {
      try one.receive(answer)
    }
    #expect(throws: ChannelError.self, "it does nothing any more") { try one.receive(answer) }
  }

  @Test func anotherSpaceAndAnotherCodeAreNoticed() throws {
    let other = SecureChannel.Purpose.meeting(space: Bytes16(high: 7, low: 8))
    var line = try Line(dialler(other), answerer())
    #expect(throws: ChannelError.self) { try line.run() }
    #expect(line.answerer.peer == nil && !line.dialler.isOpen)
    let codes = (1...2).map { SecureChannel.Purpose.pairing(secret: .init(repeating: $0, count: 32)) }
    line = try Line(dialler(codes[0]), answerer([codes[1]]))
    #expect(throws: ChannelError.self) { try line.run() }
    // Neither takes the other one for the device that was meant.
    #expect(line.answerer.peer == nil && line.dialler.peer == nil && line.heardThere.isEmpty)
  }

  /// A certificate that was seen elsewhere proves nothing about another key.
  @Test func anothersWordForItsKeyIsOfNoUse() throws {
    let honest = try keys(1)
    var random = RandomStream(seed: 77)
    let stolen = try ChannelKeys(device: honest.device, keyPair: NoisePair.pair(&random)) { _ in
      Array(honest.certificate.suffix(64))
    }
    let thief = SecureChannel(
      dialling: .meeting(space: Self.space), stolen, ephemeral: try NoisePair.pair(of: 3)
    ) { _ in true }
    var line = try Line(thief, answerer())
    #expect(throws: ChannelError(.unauthentic, "the device's signature of its key is not valid")) { try line.run() }
    #expect(line.answerer.peer == nil)
  }

  @Test func everyBitOfAHandshakeCounts() throws {
    var (one, other) = (try dialler(), try answerer())
    let first = try one.start().reply
    let second = try other.receive(first).reply
    let third = try one.receive(second).reply
    for bit in 0..<(first.count + second.count + third.count) * 8 {
      var (one, other) = (try dialler(), try answerer())
      func altered(_ bytes: [UInt8], from start: Int) -> [UInt8] {
        var bytes = bytes
        let place = bit / 8 - start
        if bytes.indices.contains(place) { bytes[place] ^= 1 << (bit % 8) }
        // A greater length waits for more, and finds that this is something else.
        let isLength = bytes.indices.contains(place) && [0, 1].contains(place - (start == 0 ? 6 : 0))
        return bytes + (isLength ? [UInt8](repeating: 0, count: 600) : [])
      }
      do {
        let answer = try other.receive(altered(one.start().reply, from: 0)).reply
        let last = try one.receive(altered(answer, from: first.count)).reply
        _ = try other.receive(altered(last, from: first.count + second.count))
        Issue.record("bit \(bit) was altered, and nobody noticed")
      } catch {
        #expect(other.peer == nil || one.peer == nil, "bit \(bit)")
      }
    }
  }

  // MARK: What is said to strangers

  @Test func whoSpeaksSomethingElseIsToldNothing() throws {
    for bytes in [Array("GET / HTTP/1.1".utf8), [0x41, 0x4e, 0x43], [0, 0, 0, 40, 1]] {
      var other = try answerer()
      let error = try #require(throws: ChannelError.self) { try other.receive(bytes) }
      #expect(error.code == .foreign)
    }
    var one = try dialler()
    _ = try one.start().reply
    #expect(throws: ChannelError(.foreign, "it says something else than a handshake")) {
      try one.receive(Array("HTTP/1.1 400 Bad Request".utf8))
    }
  }

  @Test func anotherVersionAndAnUnwantedDeviceAreRefused() throws {
    let opening = ChannelOpening(.meeting).bytes
    for (bytes, code) in [
      (Array(opening.prefix(4)) + [2, 1], ChannelError.Code.version), (Array(opening.prefix(5)) + [9], .refused),
    ] {
      var other = try answerer()
      let error = try #require(throws: ChannelError.self) { try other.receive(bytes) }
      #expect(error.code == code)
    }
    var other = try answerer()
    var joiner = try dialler(.pairing(secret: .init(repeating: 1, count: 32)))
    let error = try #require(throws: ChannelError.self) { try other.receive(joiner.start().reply) }
    #expect(error.code == .refused)
    // An answer of no bytes is none.
    #expect(throws: ChannelError.self) { try joiner.receive([0, 0, 1]) }
  }

  /// The first message carries nothing: what a stranger puts there would be read by whoever listens.
  @Test func nothingIsTakenBeforeKeysAreAgreedOn() throws {
    var handshake = try NoiseHandshake(
      .xx, as: .initiator, prologue: ChannelOpening(.meeting).bytes + Self.space.bytes, static: NoisePair.pair(of: 1),
      ephemeral: NoisePair.pair(of: 2))
    let message = try handshake.write([1])
    var other = try answerer()
    #expect(throws: ChannelError.self) {
      try other.receive(ChannelOpening(.meeting).bytes + [0, UInt8(message.count)] + message)
    }
  }

  @Test func aStrangerMakesNobodyKeepMore() throws {
    var other = try answerer()
    let error = try #require(throws: ChannelError.self) {
      try other.receive(ChannelOpening(.meeting).bytes + [0xff, 0xff])
    }
    #expect(error.code == .foreign)
  }
}

extension [SecureChannel.Purpose] {
  fileprivate var uniqued: [SecureChannel.Purpose] {
    reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }
}
