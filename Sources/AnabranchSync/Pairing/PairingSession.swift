public import AnabranchCore
internal import AnabranchWire

/// How a device comes into a space, as a value: events in, effects out.
///
/// Both sides know a secret that a person carried over, and have proved it: the connection is the one that
/// `SecureChannel.Purpose.pairing` makes. Now the device that lets the other one in says who it is and what for; a person may
/// decide whether the newcomer asks at all; it says who it is, another person decides, and what was decided becomes durable, on
/// the first side before the second hears of it. After that the
/// connection goes on as a ``SyncSession``. `docs/protocol.md` has the frames.
public struct PairingSession: Sendable {
  /// Which of the two devices this is.
  public enum Side: Hashable, Sendable {
    /// Lets the other one into `space`, as `role`.
    case letsIn(space: Bytes16, role: MemberRole)
    /// Comes in.
    case comesIn
  }

  /// What happened.
  public enum Event: Hashable, Sendable {
    /// Both sides have proved that they know the secret.
    case started
    /// Bytes came.
    case received([UInt8])
    /// What ``Effect/met(name:role:)`` asked for was decided: whether the newcomer is let in, on its own side whether it asks.
    case answered(Bool)
    /// What ``Effect/admit`` or ``Effect/join(_:)`` asked for is durable.
    case done
    /// It cannot be done, for that reason; or, instead of an answer, the newcomer cannot come in.
    case failed(String)
    /// The time is up that ``Effect/setTimer(at:)`` asked for.
    case timer
    /// The program ends, or a person does not want to go on.
    case finish
    /// The connection has ended.
    case peerClosed
  }

  /// What is to be done.
  public enum Effect: Hashable, Sendable {
    /// Send these bytes.
    case send([UInt8])
    /// Tell a person what the other side is called, and as what the newcomer would be let in; ask whether it is, or on its own
    /// side whether it wants to be. An answer is due.
    case met(name: String, role: MemberRole)
    /// Make it durable that the newcomer belongs to the space.
    case admit
    /// Make it durable that this device belongs to that space.
    case join(Grant)
    /// The newcomer is in. The connection goes on as a session, whose first bytes are these.
    case finished([UInt8])
    /// Wake the session at that moment; replaces what was asked for before.
    case setTimer(at: Duration)
    /// Close the connection once everything is sent: nobody was let in.
    case close(SyncEnding)
  }

  /// What a newcomer is given.
  public struct Grant: Hashable, Sendable {
    /// The space.
    public var space: Bytes16
    /// What the newcomer may do in it.
    public var role: MemberRole
  }

  private enum State {
    case idle
    /// The other side's first word is awaited.
    case meeting
    /// A person decides, on this side.
    case deciding
    /// A person decides, on the other side.
    case asking
    /// The host writes.
    case writing
    /// The newcomer's last word is awaited.
    case granting
    case ended
  }

  private let side: Side
  private let name: String
  private var state = State.idle
  private var decoder = FrameDecoder()

  /// Bytes that the other side may say before its turn: what its session begins with, once it is in.
  private static let backlogBytesMax = SyncLimits.backlogBytesMax

  /// The part of `side`, on a device that is called `name`.
  public init(_ side: Side, name: String) {
    self.side = side
    self.name = name
  }

  /// Tells it what happened at `now`, on any clock that never goes back, and returns what is to be done, in order. Never traps
  /// on what the other side sends.
  public mutating func handle(_ event: Event, now: Duration) -> [Effect] {
    switch (state, event) {
    case (.ended, _):
      return []
    case (.idle, .started):
      state = .meeting
      guard case .letsIn(_, let role) = side else { return [.setTimer(at: now + SyncLimits.greetingMax)] }
      // A person may have to decide there.
      return [.send(.welcome(name: name, role: role)), .setTimer(at: now + SyncLimits.pairingMax)]
    case (_, .received(let bytes)):
      decoder.append(bytes)
      return decode(now: now)
    case (.deciding, .answered(true)):
      state = side == .comesIn ? .asking : .writing
      guard side == .comesIn else { return [.admit] }
      return [.send(.request(name: name)), .setTimer(at: now + SyncLimits.pairingMax)]
    case (.deciding, .answered(false)):
      return deny(side == .comesIn ? "it does not want to come in" : "it was not let in")
    case (.deciding, .failed(let reason)) where side == .comesIn:
      return deny(reason)
    case (.writing, .done):
      return wrote(now: now)
    case (.writing, .failed(let reason)):
      return deny(reason, code: .storage)
    case (.writing, .finish), (.granting, .finish):
      // What was decided is durable, or is about to be: a no would be a lie by now.
      return []
    case (_, .finish):
      return side == .comesIn ? end(Closing(.shutdown, "the program ends")) : deny("it was not let in", code: .shutdown)
    case (_, .timer):
      return end(Closing(.timeout, "the other side did not go on in time"))
    case (_, .peerClosed):
      state = .ended
      return [.close(SyncEnding(.connection, nil))]
    default:
      return []
    }
  }

  /// Takes frames as far as it is their turn.
  private mutating func decode(now: Duration) -> [Effect] {
    var effects: [Effect] = []
    do throws(WireError) {
      while isListening {
        guard let frame = try decoder.next() else { break }
        effects += take(frame, now: now)
      }
    } catch {
      return effects + end(Closing(.violation, error.message))
    }
    if state != .ended, decoder.undecodedBytes > Self.backlogBytesMax {
      effects += end(Closing(.violation, "expected no more before its turn"))
    }
    return effects
  }

  /// Whether the other side may say something: who comes in may always be told that it is not let in.
  private var isListening: Bool {
    switch state {
    case .meeting, .asking, .granting: true
    case .deciding: side == .comesIn
    case .idle, .writing, .ended: false
    }
  }

  private mutating func take(_ frame: Frame, now: Duration) -> [Effect] {
    guard case .pairing(let frame) = frame else { return end(Closing(.violation, "expected a frame about pairing")) }
    switch (state, side, frame) {
    case (.meeting, .comesIn, .welcome(let other, let role)), (.meeting, .letsIn(_, let role), .request(let other)):
      state = .deciding
      return [.setTimer(at: now + SyncLimits.pairingMax), .met(name: other, role: role)]
    case (.asking, .comesIn, .grant(let space, let role)):
      state = .writing
      return [.join(Grant(space: space, role: role))]
    case (_, _, .denial(let reason)):
      state = .ended
      return [.close(SyncEnding(.peer, Closing(.shutdown, reason)))]
    case (.granting, .letsIn, .joined):
      state = .ended
      return [.finished(decoder.takeUndecoded())]
    default:
      return end(Closing(.violation, "expected another frame about pairing"))
    }
  }

  /// Goes on after what was decided has become durable here.
  private mutating func wrote(now: Duration) -> [Effect] {
    guard case .letsIn(let space, let role) = side else {
      state = .ended
      return [.send(.joined), .finished(decoder.takeUndecoded())]
    }
    state = .granting
    return [.send(.grant(space: space, role: role)), .setTimer(at: now + SyncLimits.greetingMax)] + decode(now: now)
  }

  private mutating func deny(_ reason: String, code: Closing.Code = .done) -> [Effect] {
    state = .ended
    return [.send(.denial(reason: reason)), .close(SyncEnding(.here, Closing(code, reason)))]
  }

  private mutating func end(_ closing: Closing) -> [Effect] {
    state = .ended
    return [.close(SyncEnding(.here, closing))]
  }
}

extension PairingSession.Effect {
  fileprivate static func send(_ frame: PairingFrame) -> Self {
    .send(Frame.pairing(frame).canonicalBytes)
  }
}
