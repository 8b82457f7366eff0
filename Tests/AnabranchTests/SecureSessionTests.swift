import AnabranchSync
import Synchronization
import Testing

@testable import Anabranch

/// Sessions over a line that somebody listens to, or alters.
@Suite struct SecureSessionTests {
  /// A side's way out: what it says waits until the test delivers it.
  private final class Tap: LinkPort {
    let peer = "the other side"
    private let said = Mutex<[UInt8]>([])

    func send(_ bytes: [UInt8]) {
      said.withLock { $0 += bytes }
    }

    func close() {}

    func abort() {}

    /// What it has said since it was asked last.
    func take() -> [UInt8] {
      said.withLock { said in
        defer { said = [] }
        return said
      }
    }
  }

  /// One side of a connection: a replica, its link, and what it says there.
  private typealias Side = (replica: Replica, link: Int, tap: Tap)

  /// Lets `one` dial `other`; nothing is delivered yet.
  private func connect(_ one: Replica, _ other: Replica) async throws -> [Side] {
    let (there, back) = (Tap(), Tap())
    return [
      (one, try await one.openLink(over: there, mode: .live, dialled: "there"), there),
      (other, try await other.openLink(over: back, mode: .live, dialled: nil), back),
    ]
  }

  /// Delivers what two sides say until neither says any more, and returns all that crossed the line.
  @discardableResult
  private func settle(_ sides: [Side], _ alter: (inout [UInt8]) -> Void = { _ in }) async -> [UInt8] {
    var crossed: [UInt8] = []
    var isQuiet = false
    while !isQuiet {
      isQuiet = true
      for (side, (_, _, tap)) in sides.enumerated() {
        var bytes = tap.take()
        guard !bytes.isEmpty else { continue }
        isQuiet = false
        crossed += bytes
        alter(&bytes)
        let (replica, link, _) = sides[1 - side]
        await replica.receive(bytes, on: link)
      }
    }
    return crossed
  }

  /// Lets `one` dial `other` and delivers what they say until neither says any more; returns all that crossed the line, and
  /// whether both sides still listened then. `alter` may change each delivery.
  private func exchange(
    _ one: Replica, _ other: Replica, _ alter: (inout [UInt8]) -> Void = { _ in }
  ) async throws -> (crossed: [UInt8], isAlive: Bool) {
    let sides = try await connect(one, other)
    let crossed = await settle(sides, alter)
    var isAlive = true
    for (replica, link, _) in sides {
      isAlive = await replica.isOpen(link) && isAlive
      _ = try? await replica.endLink(link, mode: .live)
    }
    return (crossed, isAlive)
  }

  @Test func whoListensReadsNothing() async throws {
    try await withDevices { laptop, phone, _ in
      let chat = try await laptop.newConversation("An unlikely title")
      try await laptop.say("nobody else is to read this sentence", in: chat)
      try await phone.newConversation("Another one of those")
      let (crossed, isAlive) = try await exchange(laptop, phone)
      #expect(isAlive)
      #expect(try await laptop.status().stateHash == phone.status().stateHash)
      #expect(try await phone.messages(of: chat).map(\.text) == ["nobody else is to read this sentence"])
      let secrets: [[UInt8]] = try await [
        Array("An unlikely title".utf8), Array("nobody else is to read".utf8), Array("Another one of".utf8),
        Array(laptop.status().name.utf8), Array(phone.status().name.utf8), laptop.status().log.bytes.bytes,
        laptop.status().device.bytes, phone.status().device.bytes,
      ]
      for secret in secrets {
        #expect(!crossed.indices.contains { crossed[$0...].starts(with: secret) })
      }
    }
  }

  /// Whatever bit is altered on the way, what is held afterwards is what somebody wrote, and the next exchange completes it.
  @Test(arguments: UInt64(0)..<12) func whatIsAlteredIsNotTaken(seed: UInt64) async throws {
    try await withDevices { laptop, phone, _ in
      let chat = try await laptop.newConversation("Trip")
      for number in 0..<20 { try await laptop.say("message \(number)", in: chat) }
      let length = try await exchange(laptop, phone).crossed.count
      for number in 20..<40 { try await laptop.say("message \(number)", in: chat) }
      // Both exchanges are about as long, so each seed alters another part of the second one.
      var place = Int(seed) * length / 13
      var isAltered = false
      let isAlive = try await exchange(laptop, phone) { bytes in
        if bytes.indices.contains(place) {
          bytes[place] ^= 1
          isAltered = true
        }
        place -= bytes.count
      }.isAlive
      #expect(isAltered)
      for device in [laptop, phone] { #expect(try await device.verify().faults == []) }
      let texts = try await phone.messages(of: chat).map(\.text)
      #expect(texts == (0..<texts.count).map { "message \($0)" } && texts.count >= 20)
      // A greater length may wait for what does not come; anything else ends the session of who is told it.
      #expect(!isAlive || texts.count < 40)
      #expect(try await exchange(laptop, phone).isAlive)
      #expect(try await laptop.status().stateHash == phone.status().stateHash)
    }
  }

  @Test func whoIsRemovedHearsNothingThatIsWrittenAfterwards() async throws {
    try await withDevices { laptop, phone, _ in
      let sides = try await connect(laptop, phone)
      await settle(sides)
      try await laptop.restrict(phone.device(), to: .outsider)
      _ = sides[0].tap.take()
      try await laptop.newConversation("Not for the phone")
      #expect(sides[0].tap.take() == [])
      for (replica, link, _) in sides { _ = try? await replica.endLink(link, mode: .live) }
    }
  }

  /// The removal and what was written after it come in one batch.
  @Test func whoWasRemovedElsewhereHearsNothingOfWhatCameWithThat() async throws {
    try await withDevices { laptop, phone, desktop in
      let sides = try await connect(laptop, phone)
      await settle(sides)
      try await desktop.restrict(phone.device(), to: .outsider)
      try await desktop.newConversation("Not for the phone")
      _ = try await exchange(laptop, desktop)
      #expect(try await laptop.conversations().count == 1)
      #expect(sides[0].tap.take() == [])
      for (replica, link, _) in sides { _ = try? await replica.endLink(link, mode: .live) }
    }
  }
}
