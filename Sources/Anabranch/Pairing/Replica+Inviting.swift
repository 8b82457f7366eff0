public import AnabranchCore
internal import AnabranchNoise
internal import AnabranchStore
internal import AnabranchSync
internal import AnabranchWire

/// Letting a device in.
extension Replica {
  /// Makes a code by which one device may come into the space, as `role`, within ``SyncLimits/pairingMax``.
  ///
  /// The replica has to listen for that: see ``serve(on:peers:)``. `addresses` are where, as the other device sees it; those of
  /// the running server unless others are given. An invitation that is open already ends. Throws ``AnabranchError/Code/denied`` where this device is no owner.
  public func invite(as role: MemberRole = .owner, at addresses: [String]? = nil) throws(AnabranchError) -> Invitation {
    guard role != .outsider else {
      throw AnabranchError(.invalid, "expected a role of owner, writer or reader for a device that comes in")
    }
    let addresses = addresses ?? listening
    for address in addresses { try Self.checkAddress(address) }
    _ = try ownersRoster()
    endInvitation()
    var generator = SurroundingsGenerator(surroundings: surroundings)
    let secret = (0..<PairingCode.secretBytes / Bytes16.count).flatMap { _ in Bytes16.random(using: &generator).bytes }
    let code = PairingCode(secret: secret, addresses: addresses)
    let (events, continuation) = AsyncStream.makeStream(of: InvitationEvent.self)
    invitation = OpenInvitation(
      code: code, role: role, deadline: surroundings.uptime() + SyncLimits.pairingMax, events: continuation,
      triesLeft: SyncLimits.pairingTriesMax)
    rearm()
    return Invitation(code: code, lasts: SyncLimits.pairingMax, events: events)
  }

  /// Says whether a device that asks to come in is let in.
  ///
  /// Throws ``AnabranchError/Code/notFound`` where it does not ask, or not any more.
  public func answer(_ newcomer: Digest, isLetIn: Bool) throws(AnabranchError) {
    guard let invitation, let link = invitation.link, invitation.newcomer?.device == newcomer else {
      throw AnabranchError(
        .notFound, "that device does not ask to come in any more", remedy: "start again with a new code")
    }
    handle(pairing: .answered(isLetIn), on: link)
  }

  /// Lets in whoever comes by `invitation`, without asking: for programs that have given the code to nobody else.
  ///
  /// Reads its events. Throws ``AnabranchError/Code/unreachable`` where nobody came in.
  @discardableResult
  public func admit(by invitation: Invitation) async throws(AnabranchError) -> Newcomer {
    for await event in invitation.events {
      switch event {
      case .asked(let newcomer): try answer(newcomer.device, isLetIn: true)
      case .admitted(let newcomer): return newcomer
      case .turnedAway, .wrongCode, .expired: break
      }
    }
    throw AnabranchError(.unreachable, "no device came in by the code", remedy: "start again with a new one")
  }

  /// Lets nobody in by the code that was given, unless that has happened.
  public func endInvitation() {
    guard let ended = invitation else { return }
    invitation = nil
    if let link = ended.link { handle(pairing: .finish, on: link) }
    ended.events.finish()
  }

  /// Ends an invitation whose time is over.
  func expireInvitation() {
    invitation?.events.yield(.expired)
    endInvitation()
  }

  /// Takes note that somebody tried a wrong code.
  func noteWrongCode() {
    guard let before = invitation else { return }
    invitation?.triesLeft -= 1
    before.events.yield(.wrongCode(triesLeft: before.triesLeft - 1))
    if before.triesLeft <= 1 { expireInvitation() }
  }

  /// What a connection from elsewhere may be for by now.
  func answeredPurposes() throws(AnabranchError) -> [SecureChannel.Purpose] {
    var purposes: [SecureChannel.Purpose] = []
    if let space = try withStore({ $0.space }) { purposes.append(.meeting(space: space)) }
    if let invitation, invitation.link == nil { purposes.append(.pairing(secret: invitation.code.secret)) }
    return purposes
  }

  /// Begins the talk with whoever has proved to know the code; with nobody if somebody else was first.
  func receiveNewcomer(on link: Link) {
    guard let open = invitation, open.link == nil, let space = try? withStore({ $0.space }), let name = try? ownName()
    else { return end(link, SyncEnding(.here, Closing(.shutdown, "the code was used"))) }
    invitation?.link = link.number
    link.pairing = PairingSession(.letsIn(space: space, role: open.role), name: name)
    handle(pairing: .started, on: link.number)
  }

  /// Tells whoever invited how it went on a link, once it went any way.
  func noteNewcomer(on link: Link, reason: String?) {
    guard let open = invitation, open.link == link.number else { return }
    invitation = nil
    if let newcomer = open.newcomer {
      open.events.yield(reason.map { .turnedAway(newcomer, reason: $0) } ?? .admitted(newcomer))
    } else {
      open.events.yield(.expired)
    }
    open.events.finish()
    rearm()
  }
}
