internal import AnabranchCore
internal import AnabranchNoise
internal import AnabranchStore
package import AnabranchSync
internal import AnabranchWire

/// Sessions run here: each event of a connection becomes a step of its state machine, and each effect is carried
/// out at once, on the replica's own queue.
extension Replica {
  /// Begins a session over `port`, once who is on the other side has proved who it is, and returns the link's number.
  /// `dialled` is where the port leads, if this side called.
  package func openLink(
    over port: any LinkPort, mode: SyncSession.Mode, dialled: String?,
    progress: @escaping @Sendable (WorkProgress) -> Void = { _ in }
  ) throws(AnabranchError) -> Int {
    try openLink(
      over: port, mode: mode, dialled: dialled, expecting: nil, joining: nil, recorder: nil, progress: progress)
  }

  /// The same; with `joining` this device comes in where the port leads, and with `device` it is met there, or nobody. A `recorder`
  /// writes down what crosses it, beside that of a running server.
  func openLink(
    over port: any LinkPort, mode: SyncSession.Mode, dialled: String?, expecting device: Digest?, joining: Joining?,
    recorder: SessionRecorder?, progress: @escaping @Sendable (WorkProgress) -> Void
  ) throws(AnabranchError) -> Int {
    let link = Link(
      number: nextLink, port: port, dialled: dialled,
      channel: try channel(isDialled: dialled != nil, expecting: device, joining?.code), mode: mode,
      expected: device, joining: joining, began: surroundings.uptime(), beganWall: surroundings.wall(),
      recorders: [serverRecorder, recorder].compactMap(\.self), progress: progress)
    nextLink += 1
    links[link.number] = link
    if dialled == nil { traffic.accepted += 1 } else { traffic.dialled += 1 }
    noteBeginning(of: link)
    tell(.connected(address: link.address))
    link.deadline = surroundings.uptime() + SyncLimits.greetingMax
    secure(link) { (channel) throws(ChannelError) in try channel.start() }
    rearm()
    return link.number
  }

  /// Whether a link's session goes on.
  package func isOpen(_ number: Int) -> Bool {
    links[number].map { $0.ending == nil } ?? false
  }

  /// What the other side of a link has durably, as far as it has said so in this session; from where on logs are left
  /// out of it; and how many changes came in.
  package func standing(on number: Int) -> (known: VersionVector, excluded: [ChangeID], received: UInt64) {
    guard let link = links[number] else { return (VersionVector(), [], 0) }
    return (link.known, link.summary.excluded, link.counts.receivedChanges)
  }

  /// Tells a link's session that its connection has ended, and returns how the session did.
  package func conclude(_ number: Int) -> SyncEnding? {
    handle(.peerClosed, on: number)
    return links[number]?.ending
  }

  /// Forgets a link whose connection has ended, and returns what its session did.
  ///
  /// Throws where the other side broke off, or did not keep to the protocol.
  @discardableResult
  package func endLink(_ number: Int, mode: SyncSession.Mode) throws(AnabranchError) -> SyncSummary {
    handle(.peerClosed, on: number)
    guard let link = links.removeValue(forKey: number) else { return SyncSummary() }
    // What it was about to fetch others may have, too.
    if !link.fetching.isEmpty { wantBlobs() }
    if link.session != nil, let peer = link.peer { noteParted(peer) }
    rearm()
    save(link)
    let summary = link.finalSummary
    let reason = link.ending?.complaint(mode: mode) ?? ""
    traffic.add(ended: link, isComplaint: !reason.isEmpty)
    tell(.disconnected(address: link.address, summary, reason: reason))
    let failure = link.refusal ?? (reason.isEmpty ? nil : Self.failure(of: link, reason))
    remember(link, failure)
    if let failure { throw failure }
    return summary
  }

  /// What is thrown for a link that ended for `reason`, and not in good order.
  private static func failure(of link: Link, _ reason: String) -> AnabranchError {
    if link.session == nil, link.dialled != nil, case .pairing? = link.channel.purpose {
      return AnabranchError(joining: link.ending, reason: reason, at: link.address)
    }
    if link.dialled != nil, link.ending?.closing == nil, link.session != nil, link.summary.peer == nil {
      return AnabranchError(
        .unreachable, "the device at \(link.address) closed the connection before it greeted this one",
        remedy: "it may not know this device, or not any more: see `anabranch devices` there; if it does, try again")
    }
    return AnabranchError(link.ending, reason: reason, at: link.address, isReplica: link.session != nil)
  }

  /// Tells a session what happened, and carries out what it wants, until it wants nothing more, or its link ends.
  package func handle(_ event: SyncSession.Event, on number: Int) {
    guard let link = links[number], link.ending == nil else { return }
    guard link.pairing == nil else { return handleInPairing(event, on: link) }
    guard link.session != nil else { return handleBeforeProof(event, on: link) }
    link.pending.append(event)
    guard !link.isHandling else { return }
    link.isHandling = true
    let before = link.deadline
    while link.ending == nil, !link.pending.isEmpty {
      let event = link.pending.removeFirst()
      for effect in link.session?.handle(event, now: surroundings.uptime()) ?? [] where link.ending == nil {
        perform(effect, on: link)
      }
    }
    link.isHandling = false
    if link.deadline != before { rearm() }
  }

  private func perform(_ effect: SyncSession.Effect, on link: Link) {
    switch effect {
    case .send(let bytes):
      say(bytes, on: link)
    case .compare(let held):
      answer(on: link) { (store) throws(StoreError) in .compared(try store.compare(held)) }
    case .search(let search, let points):
      answer(on: link) { (store) throws(StoreError) in
        let (search, probe) = try store.continue(search, with: points)
        return .searched(search, probe)
      }
    case .read(let request):
      answer(on: link) { (store) throws(StoreError) in .batchRead(try store.batch(request)) }
    case .apply(let batch):
      apply(batch, from: link)
    case .blob(let effect):
      perform(effect, on: link)
    case .peerHas(let vector):
      link.known.merge(vector)
      link.isUnsaved = true
    case .words(let words):
      take(words, from: link)
    case .setTimer(let deadline):
      link.deadline = deadline
    case .progress(let progress):
      link.summary.count(progress)
      link.progress(WorkProgress(progress))
    case .report(let report):
      take(report, from: link)
    case .close(let ending):
      // What was saved before has got the new names with the log; the rest has the old ones.
      if ending.isRenamed { (link.known, link.isUnsaved) = (VersionVector(), false) }
      end(link, ending)
    }
  }

  /// Closes a link once everything is sent that was said on it. From now on nothing more is, whatever its session is at.
  func end(_ link: Link, _ ending: SyncEnding) {
    link.ending = ending
    link.deadline = nil
    link.pending = []
    link.question?.cancel()
    noteEnd(of: link, ending)
    link.port.close()
  }

  private func answer(on link: Link, _ body: (Store) throws(StoreError) -> SyncSession.Event) {
    do {
      link.pending.append(try withStore(body))
    } catch {
      link.pending.append(.failed(error.message))
    }
  }

  private func apply(_ batch: IncomingBatch, from link: Link) {
    let (wall, random) = (surroundings.wall(), surroundings.random)
    do {
      let (before, proved, receipt, held, provable) = try withStore { (store) throws(StoreError) in
        let (before, proved) = (store.vector, store.provable)
        let receipt = try store.receive(batch, wall: wall) { Bytes16(high: random(), low: random()) }
        return (before, proved, receipt, store.vector, store.provable)
      }
      link.pending.append(.applied(.durable(held: provable, excluded: receipt.excluded, places: receipt.places)))
      for log in receipt.clocksAhead.sorted() { tell(.clockAhead(log)) }
      // An open change of this replica's own may have been sealed before the batch, also before one that is held
      // already: so it is the vector that tells whether there is something new, for the batch's own session too.
      guard held != before else {
        // Signatures of what was held already: it can be passed on from now on.
        if provable != proved { push(provable) }
        return
      }
      if receipt.applied > 0, let peer = link.summary.peer {
        tell(.received(peer: peer, changes: receipt.applied))
      }
      observers.send(ReplicaChange(conversations: receipt.conversations, isRemote: true))
      if board.forget(heldIn: held) { showWords() }
      if receipt.isRosterChanged { endSessionsOfOutsiders() }
      for fork in receipt.forks.sorted() { tell(.forked(fork)) }
      if !receipt.forks.isEmpty { endSessionsOfOldNames() }
      push(provable)
      if receipt.attached { wantBlobs() }
    } catch  where error.code == .protocolViolation {
      link.pending.append(.applied(.refused(error.message)))
    } catch {
      link.pending.append(.applied(.failed(error.message)))
    }
  }

  /// A log turned out to have forked: what sessions know of logs is out of date. Both sides meet again, under the new names.
  private func endSessionsOfOldNames() {
    for number in links.keys.sorted() { handle(.renamed, on: number) }
  }

  /// Tells every session what can be sent by now, before anything else is answered; nothing of what is not kept yet.
  func pushToPeers() {
    if gathered == nil, !links.isEmpty, let provable = try? withStore({ $0.provable }) { push(provable) }
  }

  /// Tells every session that more can be sent.
  func push(_ held: VersionVector) {
    for number in links.keys.sorted() { handle(.localChanged(held), on: number) }
  }

  private func take(_ report: SyncReport, from link: Link) {
    switch report {
    case .greeted(let hello, _):
      link.summary.peer = hello.device
      link.summary.name = hello.name
      link.isUnsaved = true
      tell(.greeted(address: link.address, peer: hello.device, name: hello.name))
    case .caughtUp:
      link.isComplete = true
      link.isUnsaved = true
      save(link)
      offerWords(to: link)
      if let peer = link.summary.peer { tell(.caughtUp(peer: peer, link.finalSummary)) }
    case .excluded(let exclusion):
      link.summary.leaveOut(from: exclusion.first)
      if let peer = link.summary.peer { tell(.excluded(peer: peer, exclusion.first)) }
    }
  }

  /// Keeps what is known of the other side. Not worth failing for: it is learned again the next time.
  private func save(_ link: Link) {
    guard link.isUnsaved, let peer = link.summary.peer else { return }
    let wall = surroundings.wall()
    try? withStore { (store) throws(StoreError) in
      var record = PeerRecord(
        device: peer, name: link.summary.name, address: link.dialled, vector: link.known, contact: wall)
      // Once all that either held was compared, what was known before is of no use: the peer may have lost it.
      if !link.isComplete, let before = try store.peers().first(where: { $0.device == peer }) {
        record.vector.merge(before.vector)
      }
      try store.save(record)
    }
    link.isUnsaved = false
  }

  /// Ends every session at once, for a replica that is closed.
  func endLinks() {
    saveLinks()
    for number in links.keys.sorted() {
      guard let link = links[number] else { continue }
      noteEnd(of: link, link.ending)
      link.port.abort()
    }
    links = [:]
  }

  /// Keeps what is known of every live peer.
  func saveLinks() {
    for number in links.keys.sorted() { links[number].map(save) }
  }
}

extension Link {
  /// What the session did, with its final counts.
  var finalSummary: SyncSummary {
    var summary = summary
    summary.count(counts)
    summary.isToBeContinued = ending?.isRenamed == true
    (summary.sentBytes, summary.receivedBytes) = (sentBytes, receivedBytes)
    return summary
  }
}

extension WorkProgress {
  /// How far an exchange is, in changes, both ways together.
  fileprivate init(_ progress: SyncProgress) {
    let done = progress.sentChanges &+ progress.receivedChanges
    let open = progress.changesToSend &+ progress.changesToReceive
    self.init(done: Int64(clamping: done), total: Int64(clamping: done &+ open))
  }
}

extension SyncSummary {
  fileprivate mutating func count(_ progress: SyncProgress) {
    sentChanges = progress.sentChanges
    receivedChanges = progress.receivedChanges
  }
}

extension SyncEnding {
  /// What is to be complained of; nil for an end in good order. An exchange that stops before it is done is none.
  fileprivate func complaint(mode: SyncSession.Mode) -> String? {
    guard let closing else { return "the connection broke" }
    switch Closing.Code(rawValue: closing.code) {
    case .done, .renamed: return nil
    case .shutdown where mode == .live: return nil
    default: return (origin == .peer ? "the other side says: " : "") + closing.reason
    }
  }
}
