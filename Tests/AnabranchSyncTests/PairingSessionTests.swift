import AnabranchCore
import AnabranchSync
import AnabranchWire
import Testing

/// How a device comes in, step by step.
@Suite struct PairingSessionTests {
  private static let space = Bytes16(high: 1, low: 2)

  /// Both sides, and what each wants done that is not to be sent.
  private struct Talk {
    var inviter = PairingSession(.letsIn(space: PairingSessionTests.space, role: .writer), name: "Laptop")
    var newcomer = PairingSession(.comesIn, name: "Phone")
    private(set) var wanted: [PairingSession.Effect] = []

    /// Tells one side what happened, and the other what that says to it, until nobody says anything more.
    mutating func tell(_ event: PairingSession.Event, inviter toInviter: Bool) {
      let effects =
        toInviter ? inviter.handle(event, now: .zero) : newcomer.handle(event, now: .zero)
      for effect in effects {
        switch effect {
        case .send(let bytes): tell(.received(bytes), inviter: !toInviter)
        case .setTimer: break
        default: wanted.append(effect)
        }
      }
    }
  }

  private static func started() -> Talk {
    var talk = Talk()
    talk.tell(.started, inviter: false)
    talk.tell(.started, inviter: true)
    return talk
  }

  /// The newcomer asks.
  private static func asked() -> Talk {
    var talk = started()
    talk.tell(.answered(true), inviter: false)
    return talk
  }

  @Test func eachStepIsDurableBeforeTheNext() {
    var talk = Self.started()
    #expect(talk.wanted == [.met(name: "Laptop", role: .writer)], "nobody has said yet that the phone asks")
    talk.tell(.answered(true), inviter: false)
    #expect(talk.wanted.last == .met(name: "Phone", role: .writer))
    talk.tell(.answered(true), inviter: true)
    #expect(talk.wanted.last == .admit)
    talk.tell(.done, inviter: true)
    guard case .join(let grant)? = talk.wanted.last else { return #expect(Bool(false), "\(talk.wanted)") }
    #expect(grant.space == Self.space && grant.role == .writer)
    #expect(talk.wanted.count == 4, "nobody is finished before the newcomer has noted it")
    talk.tell(.done, inviter: false)
    #expect(talk.wanted.suffix(2).allSatisfy { $0 == .finished([]) })
  }

  @Test func aNoEndsItOnBothSides() {
    var talk = Self.asked()
    talk.tell(.answered(false), inviter: true)
    let endings = talk.wanted.compactMap { if case .close(let ending) = $0 { ending.origin } else { nil } }
    #expect(Set(endings) == [.here, .peer])
    #expect(!talk.wanted.contains(.admit))
  }

  @Test func whoIsInvitedMayDecline() {
    for event in [PairingSession.Event.answered(false), .failed("it brings a history along")] {
      var talk = Self.started()
      talk.tell(event, inviter: false)
      let endings = talk.wanted.compactMap { if case .close(let ending) = $0 { ending } else { nil } }
      #expect(Set(endings.map(\.origin)) == [.here, .peer])
      #expect(Set(endings.map(\.closing?.reason)).count == 1, "the other side is told why")
      #expect(!talk.wanted.contains { if case .met("Phone", _) = $0 { true } else { false } }, "nothing was told of it")
    }
  }

  /// What cannot be noted is told, so that nobody takes the device for one that came in.
  @Test func aNewcomerThatCannotNoteItSaysSo() {
    var talk = Self.asked()
    talk.tell(.answered(true), inviter: true)
    talk.tell(.done, inviter: true)
    talk.tell(.failed("the disk is full"), inviter: false)
    let endings = talk.wanted.compactMap { if case .close(let ending) = $0 { ending } else { nil } }
    #expect(endings.map(\.closing?.reason) == ["the disk is full", "the disk is full"])
    #expect(!talk.wanted.contains(.finished([])))
  }

  @Test func whoWasAskedMayBeToldThatTheCodeIsOver() {
    var talk = Self.started()
    talk.tell(.finish, inviter: true)
    guard case .close(let ending)? = talk.wanted.last(where: { if case .close = $0 { true } else { false } }) else {
      return #expect(Bool(false), "\(talk.wanted)")
    }
    #expect(ending.closing?.code == Closing.Code.shutdown.rawValue)
    talk.tell(.answered(true), inviter: false)
    #expect(!talk.wanted.contains { if case .met("Phone", _) = $0 { true } else { false } })
  }

  @Test func whatIsDecidedIsNotTakenBackHalfway() {
    var talk = Self.asked()
    talk.tell(.answered(true), inviter: true)
    talk.tell(.finish, inviter: true)
    talk.tell(.done, inviter: true)
    talk.tell(.finish, inviter: true)
    talk.tell(.done, inviter: false)
    #expect(talk.wanted.suffix(2).allSatisfy { $0 == .finished([]) })
  }

  @Test func theFirstBytesOfTheSessionAreHandedOver() {
    var inviter = PairingSession(.letsIn(space: Self.space, role: .owner), name: "Laptop")
    _ = inviter.handle(.started, now: .zero)
    _ = inviter.handle(.received(Frame.pairing(.request(name: "Phone")).canonicalBytes), now: .zero)
    _ = inviter.handle(.answered(true), now: .zero)
    _ = inviter.handle(.done, now: .zero)
    let early = Frame.ping(7).canonicalBytes
    let effects = inviter.handle(.received(Frame.pairing(.joined).canonicalBytes + early), now: .zero)
    #expect(effects == [.finished(early)])
  }

  @Test(arguments: [
    Frame.pairing(.joined), .pairing(.grant(space: Bytes16(high: 0, low: 0), role: .owner)), .ping(1),
    .pairing(.welcome(name: "x", role: .owner)),
  ])
  func whatIsOutOfTurnEndsIt(frame: Frame) {
    var inviter = PairingSession(.letsIn(space: Self.space, role: .owner), name: "Laptop")
    _ = inviter.handle(.started, now: .zero)
    let effects = inviter.handle(.received(frame.canonicalBytes), now: .zero)
    guard case .close(let ending)? = effects.last else { return #expect(Bool(false), "\(effects)") }
    #expect(ending.origin == .here && ending.closing?.code == Closing.Code.violation.rawValue)
    #expect(inviter.handle(.answered(true), now: .zero) == [], "after the end nothing is done")
  }

  @Test func nobodyIsLetInWithoutAnAnswer() {
    var inviter = PairingSession(.letsIn(space: Self.space, role: .owner), name: "Laptop")
    _ = inviter.handle(.started, now: .zero)
    #expect(inviter.handle(.answered(true), now: .zero) == [], "nobody has asked yet")
    _ = inviter.handle(.received(Frame.pairing(.request(name: "Phone")).canonicalBytes), now: .zero)
    #expect(inviter.handle(.done, now: .zero) == [])
    let late = inviter.handle(.timer, now: .seconds(121))
    guard case .close(let ending)? = late.last else { return #expect(Bool(false), "\(late)") }
    #expect(ending.closing?.code == Closing.Code.timeout.rawValue)
  }
}
