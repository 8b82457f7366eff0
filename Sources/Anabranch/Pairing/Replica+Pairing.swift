internal import AnabranchCore
internal import AnabranchNoise
internal import AnabranchStore
internal import AnabranchSync
internal import AnabranchWire

/// Connections on which a device comes in: each event of one becomes a step of its state machine.
extension Replica {
  /// Tells a link's pairing what happened, and carries out what it wants.
  func handle(pairing event: PairingSession.Event, on number: Int) {
    guard let link = links[number] else { return }
    var events = [event]
    while !events.isEmpty {
      let event = events.removeFirst()
      for effect in link.pairing?.handle(event, now: surroundings.uptime()) ?? [] {
        if let next = perform(effect, on: link) { events.append(next) }
      }
    }
    rearm()
  }

  /// Does what is wanted, and returns what came of it, if that is of any interest.
  private func perform(_ effect: PairingSession.Effect, on link: Link) -> PairingSession.Event? {
    guard let peer = link.peer else { return nil }
    switch effect {
    case .send(let bytes):
      guard (try? link.send(link.channel.seal(bytes))) != nil else { return .peerClosed }
      note(bytes, .sent, on: link)
    case .met(let name, let role):
      link.summary.peer = peer
      link.summary.name = name
      if let joining = link.joining {
        return consider(Inviter(device: peer, name: name, role: role), on: link, joining)
      }
      guard let open = invitation, open.link == link.number else { break }
      let newcomer = Newcomer(device: peer, name: name, role: role)
      invitation?.newcomer = newcomer
      open.events.yield(.asked(newcomer))
    case .admit:
      return outcome(on: link) { () throws(AnabranchError) in try admitNewcomer(on: link) }
    case .join(let grant):
      return outcome(on: link) { () throws(AnabranchError) in
        try join(grant.space, invitedBy: peer, as: grant.role)
      }
    case .finished(let rest):
      link.pairing = nil
      // Meanwhile it may have been removed again.
      guard (try? isLetIn(peer)) == true else {
        let reason = "it does not belong to the space any more"
        end(link, SyncEnding(.here, Closing(.space, reason)))
        noteNewcomer(on: link, reason: reason)
        break
      }
      noteNewcomer(on: link, reason: nil)
      begin(link, with: peer)
      if !rest.isEmpty { handle(.received(rest), on: link.number) }
    case .setTimer(let deadline):
      link.deadline = deadline
    case .close(let ending):
      end(link, ending)
      noteNewcomer(on: link, reason: ending.closing?.reason ?? "the connection broke")
    }
    return nil
  }

  private func outcome(on link: Link, _ body: () throws(AnabranchError) -> Void) -> PairingSession.Event {
    do {
      try body()
      return .done
    } catch {
      link.refusal = link.joining == nil ? nil : error
      return .failed(error.message)
    }
  }

  /// Asks whether this device comes in where `inviter` lets it: at once where it cannot, or nobody wants to be asked.
  private func consider(_ inviter: Inviter, on link: Link, _ joining: Joining) -> PairingSession.Event? {
    joining.met()
    let checked = outcome(on: link) { () throws(AnabranchError) in try checkJoining(as: inviter.role) }
    guard checked == .done else { return checked }
    guard let ask = joining.ask else { return .answered(true) }
    let number = link.number
    link.question = Task { answer(await ask(inviter), on: number) }
    return nil
  }

  /// Says whether this device comes in, on a link where it was asked.
  private func answer(_ comesIn: Bool, on number: Int) {
    if !comesIn, let link = links[number], link.ending == nil, link.pairing != nil {
      link.refusal = AnabranchError(.interrupted, "this device did not come in, nothing was changed")
    }
    handle(pairing: .answered(comesIn), on: number)
  }

  /// Tells a link's pairing what happened to its connection.
  func handleInPairing(_ event: SyncSession.Event, on link: Link) {
    switch event {
    case .received(let bytes): handle(pairing: .received(bytes), on: link.number)
    case .peerClosed: handle(pairing: .peerClosed, on: link.number)
    case .finish: handle(pairing: .finish, on: link.number)
    case .timer: handle(pairing: .timer, on: link.number)
    case .unreadable(let reason):
      handle(pairing: .peerClosed, on: link.number)
      end(link, SyncEnding(.here, Closing(.violation, reason)))
    default: break
    }
  }

  func ownName() throws(AnabranchError) -> String {
    try withStore { (store) throws(StoreError) in try store.name() }
  }
}
