internal import AnabranchCore
internal import AnabranchNoise
internal import AnabranchStore
internal import AnabranchSync
internal import AnabranchWire

/// The encrypted streams under sessions, and connections whose other side has not proved yet who it is.
extension Replica {
  /// The encrypted stream of a connection that has just come to stand: with `code` one to come in by.
  /// Dialled, it is with one of the devices of the space: with `device`, if that is given.
  func channel(
    isDialled: Bool, expecting device: Digest?, _ code: PairingCode?
  ) throws(AnabranchError) -> SecureChannel {
    let keys: ChannelKeys
    if let made = ownChannelKeys { keys = made } else { keys = try deviceKey().channelKeys() }
    ownChannelKeys = keys
    var generator = SurroundingsGenerator(surroundings: surroundings)
    let secret = (0..<2).flatMap { _ in Bytes16.random(using: &generator).bytes }
    guard let ephemeral = NoiseKeyPair(secret: secret) else {
      throw AnabranchError(.invalid, "\(secret.count) bytes are no key")
    }
    if let code {
      return SecureChannel(dialling: .pairing(secret: code.secret), keys, ephemeral: ephemeral) { _ in true }
    }
    guard isDialled else { return SecureChannel(answering: try answeredPurposes(), keys, ephemeral: ephemeral) }
    let (space, devices) = try meetable()
    return SecureChannel(dialling: .meeting(space: space), keys, ephemeral: ephemeral) {
      devices.contains($0) && (device == nil || device == $0)
    }
  }

  /// The space, and the devices in it that this one may dial.
  func meetable() throws(AnabranchError) -> (Bytes16, Set<Digest>) {
    let (space, devices) = try withStore { (store) throws(StoreError) in
      (
        store.space,
        Set(store.roster.members.map(\.device) + (try store.inviters()) + (try store.formerRoster().members))
      )
    }
    guard let space else {
      throw AnabranchError(
        .invalid, "this replica belongs to no space yet, so it has nobody to sync with",
        remedy: "run `anabranch pair` here and `anabranch join CODE` on the other device, or the other way round")
    }
    return (space, devices.filter { (try? isLetIn($0)) == true })
  }

  /// Takes bytes that came over a link's connection.
  package func receive(_ bytes: [UInt8], on number: Int) {
    guard let link = links[number], link.ending == nil else { return }
    link.receivedBytes += UInt64(bytes.count)
    secure(link) { (channel) throws(ChannelError) in try channel.receive(bytes) }
  }

  /// Takes a step of a link's encrypted stream, and tells its session what comes of it.
  func secure(_ link: Link, _ step: (inout SecureChannel) throws(ChannelError) -> SecureChannel.Received) {
    do throws(ChannelError) {
      let received = try step(&link.channel)
      link.send(received.reply)
      if link.session == nil, link.pairing == nil, let peer = link.channel.peer { meet(peer.device, on: link) }
      guard link.session != nil || link.pairing != nil else { return }
      note(received.opened, .received, on: link)
      // Bytes of which nothing can be read yet are a sign of life, for a while.
      handle(isOverdue(link, received) ? .unreadable(Self.overdue) : .received(received.opened), on: link.number)
    } catch {
      if error.code == .wrongSecret { noteWrongCode(on: link) }
      let code: Closing.Code =
        switch error.code {
        case .version: .version
        case .stranger: .space
        default: .violation
        }
      if link.session != nil || link.pairing != nil {
        handle(.unreadable(error.description), on: link.number)
      } else {
        end(link, SyncEnding(.here, Closing(code, words(for: error))))
      }
    }
  }

  /// What there is to say of an encrypted stream that did not come about; of a stranger, whether it was removed.
  private func words(for error: ChannelError) -> String {
    guard let device = error.device else { return error.description }
    guard let known = (try? devices())?.first(where: { $0.device == device }) else {
      return "what answers is the device \(device.fingerprint), which is not known here"
    }
    let called = known.name.isEmpty ? device.fingerprint : "“\(known.name)” (\(device.fingerprint))"
    return "what answers is the device \(called), "
      + (known.role == .outsider ? "which was removed from this history" : "and not one that is to be met there")
  }

  /// Whether a record that has begun to come takes too long to end.
  private func isOverdue(_ link: Link, _ received: SecureChannel.Received) -> Bool {
    let now = surroundings.uptime()
    guard link.channel.isMidRecord else {
      link.recordBegan = nil
      return false
    }
    if !received.opened.isEmpty { link.recordBegan = nil }
    let began = link.recordBegan ?? now
    link.recordBegan = began
    return now - began > SyncLimits.recordMax
  }

  private static let overdue = "expected a record to come to its end within \(SyncLimits.recordMax)"

  /// Says bytes of a link's session, encrypted; nothing on a link that ends.
  func say(_ bytes: [UInt8], on link: Link) {
    // What was altered on the way has ended the stream; the session hears of that next.
    guard link.ending == nil, link.channel.isOpen else { return }
    do throws(ChannelError) {
      link.send(try link.channel.seal(bytes))
      note(bytes, .sent, on: link)
    } catch {
      link.pending.append(.unreadable(error.description))
    }
  }

  /// Goes on with a link whose other side has proved to be `peer`.
  private func meet(_ peer: Digest, on link: Link) {
    link.peer = peer
    noteProof(of: peer, on: link)
    switch link.channel.purpose {
    case .pairing? where link.dialled == nil:
      receiveNewcomer(on: link)
    case .pairing?:
      guard let name = try? ownName() else { return }
      link.pairing = PairingSession(.comesIn, name: name)
      handle(pairing: .started, on: link.number)
    default:
      // Without a word: whoever was removed learns no more than a stranger.
      guard (try? isLetIn(peer)) == true else {
        return end(link, SyncEnding(.here, Closing(.space, "device \(peer.fingerprint) does not belong to the space")))
      }
      begin(link, with: peer)
    }
  }

  /// Begins the session of a link, whose other side has proved to be `peer`.
  func begin(_ link: Link, with peer: Digest) {
    do {
      try sealOpenChange()
      let (device, name) = (try deviceKey().publicKey, try ownName())
      let local = try withStore { (store) throws(StoreError) in
        LocalReplica(
          device: device, log: store.ownLog ?? LogID(Bytes16(high: 0, low: 0)), name: name,
          semanticsLevel: SemanticsLevel.current,
          heads: try store.provableHeads(), branches: store.branches, space: store.space ?? Bytes16(high: 0, low: 0))
      }
      link.session = SyncSession(local: local, mode: link.mode)
      noteMet(peer)
      if let address = link.dialled, peer != device { memory.prove(peer, at: address) }
      traffic.sessions += 1
      handle(.started(peer: peer), on: link.number)
    } catch {
      end(link, SyncEnding(.here, Closing(.storage, error.message)))
    }
  }

  /// What happens to a connection whose other side has not proved who it is: it ends, or nothing.
  func handleBeforeProof(_ event: SyncSession.Event, on link: Link) {
    guard link.ending == nil else { return }
    switch event {
    case .peerClosed:
      end(link, SyncEnding(.connection, nil))
    case .finish:
      end(link, SyncEnding(.here, Closing(.shutdown, "the program ends")))
    case .timer:
      let reason = "expected a handshake within \(SyncLimits.greetingMax)"
      end(link, SyncEnding(.here, Closing(.timeout, reason)))
    default:
      break
    }
  }
}

extension Store {
  /// What a peer is told of: all that can be proved to it, too.
  fileprivate func provableHeads() throws(StoreError) -> [HeldLog] {
    var heads: [HeldLog] = []
    for (log, last) in provable.entries.sorted(by: { $0.log < $1.log }) {
      guard let hash = try hash(of: ChangeID(log: log, sequence: last)) else { continue }
      heads.append(HeldLog(log: log, sequence: last, hash: hash.head))
    }
    return heads
  }
}
