public import AnabranchCore
internal import AnabranchNoise
internal import AnabranchStore
internal import AnabranchSync
internal import AnabranchWire

/// Letting a device in.
extension Replica {
  /// Makes a code by which one device may come into the space, as `role`, within ``SyncLimits/pairingMax``.
  ///
  /// The replica has to listen for that: see ``serve(on:peers:discovery:)``. `addresses` are where, as the other device sees it; those of
  /// the running server unless others are given. An invitation that is open already ends. Throws ``AnabranchError/Code/denied`` where this device is no owner.
  public func invite(as role: MemberRole = .owner, at addresses: [String]? = nil) throws(AnabranchError) -> Invitation {
    guard role != .outsider else {
      throw AnabranchError(.invalid, "expected a role of owner, writer or reader for a device that comes in")
    }
    let addresses = addresses ?? listening
    for address in addresses { try Self.checkAddress(address) }
    _ = try ownersRoster()
    takeBackInvitation()
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
  /// The answer is for exactly what was asked: that device, under that name, as that role. Throws
  /// ``AnabranchError/Code/notFound`` where it does not ask so, or not any more.
  public func answer(_ newcomer: Newcomer, isLetIn: Bool) throws(AnabranchError) {
    guard let invitation, let link = invitation.link, invitation.newcomer == newcomer else {
      throw AnabranchError(
        .notFound, "that device does not ask to come in any more", remedy: "start again with a new code")
    }
    handle(pairing: .answered(isLetIn), on: link)
  }

  /// Lets in whoever comes by `invitation`, without asking: for programs that have given the code to nobody else.
  ///
  /// Reads its events. Throws ``AnabranchError/Code/unreachable`` where nobody came in, or the connection broke off before the
  /// device had taken note that it is in.
  @discardableResult
  public func admit(by invitation: Invitation) async throws(AnabranchError) -> Newcomer {
    var admitted: Newcomer?
    for await event in invitation.events {
      switch event {
      case .asked(let newcomer): try answer(newcomer, isLetIn: true)
      case .admitted(let newcomer): admitted = newcomer
      case .brokeOff(let newcomer, let reason): throw AnabranchError(brokeOff: newcomer, reason: reason)
      case .turnedAway, .wentAway, .wrongCode, .expired: break
      }
    }
    if let admitted { return admitted }
    throw AnabranchError(.unreachable, "no device came in by the code", remedy: "start again with a new one")
  }

  /// Lets nobody in by the code of `invitation`, unless that has happened. Without effect where that one is over; one that was
  /// made after it goes on.
  public func endInvitation(_ invitation: Invitation) {
    if self.invitation?.code == invitation.code { takeBackInvitation() }
  }

  /// Ends the invitation that is open, whichever it is.
  func takeBackInvitation() {
    guard let ended = invitation else { return }
    invitation = nil
    if let link = ended.link { handle(pairing: .finish, on: link) }
    ended.events.finish()
  }

  /// Ends an invitation whose time is over.
  func expireInvitation() {
    invitation?.events.yield(.expired)
    takeBackInvitation()
  }

  /// Takes note that somebody on a link tried a wrong code: one try less, as long as nobody holds the invitation that the link
  /// was answered for.
  func noteWrongCode(on link: Link) {
    guard let before = invitation, before.link == nil, before.isFor(link) else { return }
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

  /// Begins the talk with whoever has proved to know the code; with nobody if somebody else was first, or if it is a code that
  /// was taken back since the connection came to stand.
  func receiveNewcomer(on link: Link) {
    guard let open = invitation, open.link == nil, open.isFor(link), let space = try? withStore({ $0.space }),
      let name = try? ownName()
    else { return end(link, SyncEnding(.here, Closing(.shutdown, "the code was used, or taken back"))) }
    invitation?.link = link.number
    link.pairing = PairingSession(.letsIn(space: space, role: open.role), name: name)
    handle(pairing: .started, on: link.number)
  }

  /// Lets in the device on a link, and tells whoever invited.
  func admitNewcomer(on link: Link) throws(AnabranchError) {
    guard let open = invitation, open.link == link.number, let newcomer = open.newcomer else {
      throw AnabranchError(.notFound, "the invitation has ended", remedy: "start again with a new code")
    }
    try enrol(newcomer.device, as: open.role)
    invitation?.isAdmitted = true
    open.events.yield(.admitted(newcomer))
  }

  /// Tells whoever invited how it ended on a link: for `reason`, or well.
  func noteNewcomer(on link: Link, reason: String?) {
    guard let open = invitation, open.link == link.number else { return }
    invitation = nil
    if let reason {
      if let newcomer = open.newcomer {
        open.events.yield(
          open.isAdmitted ? .brokeOff(newcomer, reason: reason) : .turnedAway(newcomer, reason: reason))
      } else if let device = link.peer {
        open.events.yield(.wentAway(device, reason: reason))
      }
    }
    open.events.finish()
    rearm()
  }
}

extension OpenInvitation {
  /// Whether the other side of a link can have proved to know this invitation's code, and not that of an earlier one.
  fileprivate func isFor(_ link: Link) -> Bool {
    link.channel.purpose == .pairing(secret: code.secret)
  }
}

extension AnabranchError {
  /// `newcomer` was let in, and does not know it.
  public init(brokeOff newcomer: Newcomer, reason: String) {
    self.init(
      .unreachable, "“\(newcomer.name.inOneLine)” was let in, but the exchange with it broke off: \(reason.inOneLine)",
      remedy: "let it come again by a new code, with the same role; or keep it out with `anabranch devices remove`")
  }
}
