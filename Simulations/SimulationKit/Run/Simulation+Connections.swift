internal import Anabranch
internal import AnabranchCore
internal import AnabranchSync
internal import AnabranchWire
internal import SeededRandom

/// Connections between the machines, and the sessions on them.
extension Simulation {
  /// A machine dials another one.
  func dial(_ host: Host, _ life: Int, _ peer: Host, _ isOnce: Bool) {
    guard let process = host.process, process.life == life else { return }
    guard host.isAwake else {
      return host.missed.append(.dial(host: host.number, life: life, peer: peer.number, isOnce: isOnce))
    }
    // A machine that is off, or asleep, does not even refuse.
    let isReachable =
      network.passes(from: host.number, to: peer.number) && network.passes(from: peer.number, to: host.number)
      && !peer.isOff && peer.isAwake
    if !isReachable { marks.insert(.unanswered) }
    scheduler.plan(
      .dialled(host: host.number, life: life, peer: peer.number, isOnce: isOnce),
      after: isReachable ? network.delay() : .seconds(10))
  }

  /// A dial has been answered, or not.
  func dialled(_ host: Host, _ life: Int, _ peer: Host, _ isOnce: Bool) throws {
    guard let process = host.process, process.life == life else { return }
    guard host.isAwake, peer.isAwake, network.passes(from: host.number, to: peer.number),
      network.passes(from: peer.number, to: host.number), peer.process != nil
    else {
      if peer.process == nil { marks.insert(.refused) }
      return redial(host, life, peer.number, isOnce, lasted: .zero)
    }
    let know = try introduce(host, peer)
    guard host.process?.life == life else { return }
    guard know, peer.process != nil else { return redial(host, life, peer.number, isOnce, lasted: .zero) }
    let connection = network.connect(host, peer, isOnce: isOnce, isByRoster: haveHeard(host, peer))
    trace.note(
      scheduler.now, host.number, peer.number, connection,
      as: "connection \(connection): \(host.name) to \(peer.name)")
    try open(connection, end: 0, on: host, to: peer)
    try open(connection, end: 1, on: peer, to: host)
  }

  private func open(_ connection: Int, end: Int, on host: Host, to peer: Host) throws {
    guard let life = host.process?.life, life == network.connections[connection].ends[end].life else { return }
    let port = SimulatedPort(
      host: host, network: network, connection: connection, end: end, peer: "\(peer.name)")
    let mode: SyncSession.Mode = end == 0 && network.connections[connection].isOnce ? .exchange : .live
    let dialled = end == 0 ? port.peer : nil
    do {
      let link = try call(host) { try $0.openLink(over: port, mode: mode, dialled: dialled) }
      network.setLink(link, of: connection, end: end)
    } catch let error as Violation {
      throw error
    } catch {
      network.drop(connection, end: end, isSilent: false)
      if end == 0 { redial(host, life, peer.number, network.connections[connection].isOnce, lasted: .zero) }
    }
  }

  /// A live session that ended, or a dial that failed, is tried again after a pause.
  private func redial(_ host: Host, _ life: Int, _ peer: Int, _ isOnce: Bool, lasted: VirtualTime) {
    guard !isOnce, host.peers.contains(peer) else { return }
    var backoff = host.backoffs[peer] ?? Backoff()
    host.dials += 1
    var random = RandomStream(seed: seed, "backoff of \(host.number)", host.dials)
    let pause = backoff.failed(after: lasted.duration, using: &random)
    host.backoffs[peer] = backoff
    scheduler.plan(
      .dial(host: host.number, life: life, peer: peer, isOnce: false), after: VirtualTime(pause))
  }

  /// The next segment comes at an end.
  func arrive(_ connection: Int, _ end: Int) throws {
    let host = hosts[network.connections[connection].ends[end].host]
    if !host.isAwake, network.connections[connection].ends[end].isOpen { marks.insert(.slept) }
    let isUp = host.process != nil
    guard let segment = network.take(connection, end: end, isAwake: host.isAwake, isUp: isUp) else { return }
    let there = network.connections[connection].ends[end]
    guard let process = host.process, process.life == there.life, let link = there.link else { return }
    switch segment {
    case .bytes(let bytes, let held):
      network.setProven(held, of: connection, end: end)
      trace.note(
        scheduler.now, connection, end, bytes.count,
        as: "  \(host.name) gets \(bytes.count) bytes on \(connection)")
      let before = host.committed
      let peer = hosts[network.connections[connection].ends[1 - end].host]
      let heard = process.replica.assumeIsolated { $0.heardWords }
      try ignoringFailures {
        let standing = try call(host) { replica in
          replica.receive(bytes, on: link)
          return replica.standing(on: link)
        }
        noteTwice(standing.received, connection, end, grownFrom: before, host)
        guard !isTainted(connection) else { return }
        host.excluded.formUnion(standing.excluded.map(\.log))
        let isOfNow = network.connections[connection].ends[1 - end].life >= peer.firstLife
        if isOfNow { peer.promised.merge(standing.known) }
        guard ledger.hasFork || network.connections[connection].ends[end].proven.includes(standing.known) else {
          throw Violation(
            .acknowledgementIsDurable, "\(peer.name) told \(host.name) of changes it has not durably")
        }
      }
      noteRelay(host, before, from: peer.number)
      noteWords(host, since: heard, from: peer.number)
    case .end, .reset:
      try close(connection, end)
    }
  }

  /// Whether the disk of one of its sides may have altered what that side says.
  private func isTainted(_ connection: Int) -> Bool {
    network.connections[connection].ends.contains { hosts[$0.host].suspectLives.contains($0.life) }
  }

  /// Takes note of changes that were held already when they came.
  private func noteTwice(
    _ received: UInt64, _ connection: Int, _ end: Int, grownFrom before: VersionVector, _ host: Host
  ) {
    let growth = host.isSuspect ? UInt64.max : host.committed.changes - before.changes
    let known = network.connections[connection].ends[end].received
    if received > known, received - known > growth { marks.insert(.cameTwice) }
    network.setReceived(received, of: connection, end: end)
  }

  private func noteRelay(_ host: Host, _ before: VersionVector, from peer: Int) {
    guard !marks.contains(.relayed), host.committed != before else { return }
    for (log, last) in host.committed.entries where last > before[log] {
      if let writer = ledger.writers[log], writer != peer, writer != host.number { marks.insert(.relayed) }
    }
  }

  /// A session has closed its side.
  func sessionEnded(_ connection: Int, _ end: Int) throws {
    guard network.connections[connection].ends[end].isOpen else { return }
    try close(connection, end)
  }

  private func close(_ connection: Int, _ end: Int) throws {
    let there = network.connections[connection].ends[end]
    network.drop(connection, end: end, isSilent: true)
    let host = hosts[there.host]
    guard let process = host.process, process.life == there.life, let link = there.link else { return }
    let isOnce = network.connections[connection].isOnce
    try ignoringFailures {
      try judge(call(host) { $0.conclude(link) }, of: connection)
      // Whom it dialled may not be let in, or not any more.
      _ = try call(host, expecting: ledger.hasFork ? [.invalid, .denied] : [.denied]) {
        try $0.endLink(link, mode: end == 0 && isOnce ? .exchange : .live)
      }
      if isOnce, end == 0 { marks.insert(.exchanged) }
    }
    trace.note(scheduler.now, connection, end, as: "  \(host.name) ends its side of \(connection)")
    let peer = network.connections[connection].ends[1 - end].host
    if end == 0 {
      redial(host, there.life, peer, isOnce, lasted: scheduler.now - network.connections[connection].opened)
    }
  }

  private func knowEachOther(at connection: Int) -> Bool {
    let ends = network.connections[connection].ends.map { hosts[$0.host] }
    return know(ends[0], ends[1])
  }

  /// A session may end because somebody goes, sleeps too long, or has a disk that fails; never because honest peers do
  /// not understand each other.
  private func judge(_ ending: SyncEnding?, of connection: Int) throws {
    let (isAltered, hasMoved) = (network.connections[connection].isAltered, network.connections[connection].hasMoved)
    guard let closing = ending?.closing, !isTainted(connection), !isAltered, !hasMoved else { return }
    switch Closing.Code(rawValue: closing.code) {
    case .done, .shutdown, .timeout: return
    case .storage where network.connections[connection].ends.contains { hosts[$0.host].disk.failures > $0.failures }:
      return
    case .own where ledger.hasFork, .renamed where ledger.hasFork: return
    // Whom one device let in, another one refuses until it has heard of that; also in the midst of a session, as soon as it
    // has read in the roster that it is an owner itself.
    case .space where !network.connections[connection].isByRoster || !knowEachOther(at: connection): return
    // The same where that one does not run any more.
    case .space where network.connections[connection].ends.contains { $0.host == removed }: return
    default: throw Violation(.nothingWraps, "honest replicas broke off with \(closing.code): \(closing.reason)")
    }
  }
}
