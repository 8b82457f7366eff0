import AnabranchCore
import AnabranchWire
import Testing

@testable import Anabranch

/// Invitations, and what becomes of them.
@Suite(.timeLimit(.minutes(2))) struct InvitationTests {
  @Test func aCodeThatWasTakenBackIsNoneOfTheNextInvitation() async throws {
    try await withServer { laptop, address, _ in
      let first = try await laptop.invite(as: .reader, at: [])
      let guest = try await Guest(to: address)
      let last = try await guest.begin(as: 9, by: first.code.secret)
      let second = try await laptop.invite(as: .owner, at: [])
      guest.send(last)
      #expect(await guest.rest() == [], "a word to whom the code was taken from")
      await guest.finish()
      // The second one is as good as new.
      _ = try await laptop.invite(at: [])
      for await event in second.events { Issue.record("\(event)") }
    }
  }

  /// Only who says its last word with another code has tried one.
  @Test func garbageIsNoTry() async throws {
    try await withServer { laptop, address, _ in
      let invitation = try await laptop.invite(at: [])
      let opening: [UInt8] = Array("ANBR".utf8) + [1, 2]
      for garbage in [
        [0xff, 0xff], [0, 32] + [UInt8](repeating: 0, count: 32), [0, 48] + [UInt8](repeating: 9, count: 48),
      ] {
        for _ in 0..<3 {
          let guest = try await Guest(to: address)
          guest.send(opening + garbage)
          #expect(await guest.rest() == [])
          await guest.finish()
        }
      }
      _ = try await laptop.invite(at: [])
      for await event in invitation.events { Issue.record("\(event)") }
    }
  }

  /// A guest that knows the code, and has been welcomed.
  private func guest(as byte: UInt8, by invitation: (code: PairingCode, role: MemberRole), at address: String)
    async throws -> Guest
  {
    let guest = try await Guest(to: address)
    guest.send(try await guest.begin(as: byte, by: invitation.code.secret))
    guard case .pairing(.welcome(name: "Laptop", role: invitation.role))? = try await guest.hear() else {
      throw AnabranchError(.protocolViolation, "expected a welcome")
    }
    return guest
  }

  private func events(of invitation: Invitation) -> Task<[InvitationEvent], Never> {
    Task {
      var events: [InvitationEvent] = []
      for await event in invitation.events { events.append(event) }
      return events
    }
  }

  /// It is in from the moment on when that is durable, whatever becomes of the connection.
  @Test func whoIsLetInAndGoesAwayIsToldOfAsThat() async throws {
    try await withServer { laptop, address, _ in
      let invitation = try await laptop.invite(as: .writer, at: [])
      let events = events(of: invitation)
      let guest = try await guest(as: 9, by: (invitation.code, .writer), at: address)
      try guest.say(.pairing(.request(name: "Guest")))
      let newcomer = Newcomer(device: try Guest.keys(9).device, name: "Guest", role: .writer)
      try await answer(newcomer, on: laptop)
      guard case .pairing(.grant)? = try await guest.hear() else { return #expect(Bool(false), "expected a grant") }
      await guest.finish()
      let told = await events.value
      #expect(told.prefix(2) == [.asked(newcomer), .admitted(newcomer)])
      guard case .brokeOff(newcomer, _)? = told.last, told.count == 3 else { return #expect(Bool(false), "\(told)") }
      #expect(try await laptop.devices().last?.role == .writer)
    }
  }

  @Test func whoIsRemovedBeforeItHasNotedThatItIsInGetsNothing() async throws {
    try await withServer { laptop, address, space in
      let invitation = try await laptop.invite(as: .writer, at: [])
      let events = events(of: invitation)
      let guest = try await guest(as: 9, by: (invitation.code, .writer), at: address)
      try guest.say(.pairing(.request(name: "Guest")))
      let device = try Guest.keys(9).device
      try await answer(Newcomer(device: device, name: "Guest", role: .writer), on: laptop)
      guard case .pairing(.grant)? = try await guest.hear() else { return #expect(Bool(false), "expected a grant") }
      try await laptop.restrict(device, to: .outsider)
      try guest.say(.pairing(.joined))
      try guest.greet(as: 9, in: space)
      #expect(try await guest.hear() == nil, "a word to whom was removed")
      guard case .brokeOff? = await events.value.last else { return #expect(Bool(false), "it is in") }
      await guest.finish()
    }
  }

  @Test func whoDoesNotWantToComeInSaysSo() async throws {
    try await withServer { laptop, address, _ in
      let invitation = try await laptop.invite(at: [])
      let events = events(of: invitation)
      let guest = try await guest(as: 9, by: (invitation.code, .owner), at: address)
      try guest.say(.pairing(.denial(reason: "it is somebody else's")))
      #expect(try await events.value == [.wentAway(Guest.keys(9).device, reason: "it is somebody else's")])
      await guest.finish()
    }
  }

  /// What ends one invitation has no effect on the next one; and an answer is for what was asked, not for whoever asks next.
  @Test func eachInvitationHasAnEndOfItsOwn() async throws {
    try await withServer { laptop, address, _ in
      let first = try await laptop.invite(as: .reader, at: [])
      let second = try await laptop.invite(as: .owner, at: [])
      await laptop.endInvitation(first)
      let guest = try await guest(as: 9, by: (second.code, .owner), at: address)
      try guest.say(.pairing(.request(name: "Guest")))
      var events = second.events.makeAsyncIterator()
      guard case .asked(let newcomer)? = await events.next() else { return #expect(Bool(false), "nobody asks") }
      var other = newcomer
      other.role = .reader
      await #expect { try await laptop.answer(other, isLetIn: true) } throws: {
        ($0 as? AnabranchError)?.code == .notFound
      }
      await laptop.endInvitation(second)
      #expect(await events.next() == nil)
      guard case .pairing(.denial)? = try await guest.hear() else { return #expect(Bool(false), "it was let in") }
      await guest.finish()
    }
  }

  /// Waits until `newcomer` asks, and says yes.
  private func answer(_ newcomer: Newcomer, on replica: Replica) async throws {
    while true {
      do {
        return try await replica.answer(newcomer, isLetIn: true)
      } catch  where error.code == .notFound {
        try await Task.sleep(for: .milliseconds(5))
      }
    }
  }
}
