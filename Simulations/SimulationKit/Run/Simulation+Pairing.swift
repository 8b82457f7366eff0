internal import Anabranch
internal import AnabranchCore
internal import AnabranchStore
internal import AnabranchWire
internal import SeededRandom

/// Devices that come into the space: one person owns all machines, and pairs two of them when they meet and one does not know
/// the other.
extension Simulation {
  /// Makes two machines know each other, as far as their disks let them, and returns whether they do.
  func introduce(_ host: Host, _ peer: Host) throws -> Bool {
    if know(host, peer) { return true }
    try ignoringFailures {
      var inviters = [peer, host].filter(isOwner)
      // Of two spaces, which there are where a disk failed at the wrong time, always the same one stays: one in which nobody's
      // rights were taken, who could not bring a history along.
      let spaces = Set([host, peer].compactMap { $0.process?.store.space }).filter(isOwned)
      if let first = spaces.subtracting(limitedSpaces).min() ?? spaces.min() {
        inviters.removeAll { $0.process?.store.space != first }
      }
      if spaces.isEmpty, let founded = try founding(host) { inviters = [founded] }
      // Where both belong to the space, and either was let in by somebody that the other one has not heard of, both do it.
      for inviter in inviters { try admit(inviter.number == host.number ? peer : host, by: inviter) }
    }
    return know(host, peer)
  }

  /// The machine, which has founded a space: unless there is one already, on some machine that runs.
  private func founding(_ host: Host) throws -> Host? {
    guard !hosts.contains(where: isOwner), !limited.contains(host.number) else { return nil }
    // It may have been let in somewhere by a machine that does not run any more.
    network.noteMove(of: host.number)
    _ = try call(host, expecting: [.exists]) { try $0.found() }
    return host
  }

  /// Whether somebody can let others into a space: an owner of it whose machine runs.
  private func isOwned(_ space: Bytes16) -> Bool {
    hosts.contains { $0.process?.store.space == space && isOwner($0) }
  }

  /// One machine lets another one in, and that takes note of it.
  private func admit(_ newcomer: Host, by inviter: Host) throws {
    let device = try call(newcomer) { try $0.device() }
    let (space, own, role) = try call(inviter, expecting: [.denied]) { replica in
      let known = try replica.devices().first { $0.device == device }?.role
      let role = known.map { $0 == .outsider ? .owner : $0 } ?? .owner
      try replica.enrol(device, as: role)
      return (try replica.space(), try replica.device(), role)
    }
    guard let space else { return }
    if newcomer.process?.store.space != space { network.noteMove(of: newcomer.number) }
    // Where both belong to the space and the newcomer has not heard of the other one, that one comes in there next.
    let isIn = try call(newcomer) { replica in
      do {
        try replica.join(space, invitedBy: own, as: role)
        return true
      } catch let error as AnabranchError where error.code == .denied || error.code == .invalid && role < .writer {
        // Who may only read, and was restored with a history of another space, has to come as a new device.
        return false
      }
    }
    guard isIn else { return }
    marks.insert(.paired)
    trace.note(
      scheduler.now, inviter.number, newcomer.number, as: "  \(inviter.name) and \(newcomer.name) are paired")
    draw("\(newcomer.name) is paired with \(inviter.name)", on: newcomer)
  }

  /// Whether each of two machines lets the other one in; also where one of them does not run.
  func know(_ host: Host, _ peer: Host) -> Bool {
    guard let here = host.process?.replica, let there = peer.process?.replica else { return true }
    // What a damaged disk says of it is found out when it is used.
    let answer = try? host.disk.spared {
      try peer.disk.spared {
        let (space, device) = try here.assumeIsolated { (try $0.space(), try $0.device()) }
        let (other, peer) = try there.assumeIsolated { (try $0.space(), try $0.device()) }
        guard space != nil, space == other else { return false }
        return try here.assumeIsolated { try $0.isLetIn(peer) } && there.assumeIsolated { try $0.isLetIn(device) }
      }
    }
    return answer ?? true
  }

  /// Whether each of two machines has read in the roster that the other one belongs to the space, and takes no device's word for it.
  func haveHeard(_ host: Host, _ peer: Host) -> Bool {
    guard let here = host.process?.store, let there = peer.process?.store else { return false }
    return [(here, there), (there, here)].allSatisfy { store, other in
      other.ownLog.flatMap { other.device(of: $0) }.map { store.roster.role(of: $0) > .outsider } ?? false
    }
  }

  /// An owner leaves another machine only the right to read, which that hears of when it hears of it, or removes it, which it never
  /// hears of; at most once a run, and where all machines have come together. False where it does not.
  func takeRights(_ host: Host, _ random: inout RandomStream) throws -> Bool {
    let spaces = hosts.map { $0.process?.store.space }
    guard limited.isEmpty, Set(spaces).count == 1, let space = spaces[0], isOwner(host),
      let other = random.pick(hosts.filter { $0 !== host && isOwner($0) }), let store = other.process?.store,
      let device = store.ownLog.flatMap({ store.device(of: $0) })
    else { return false }
    let isThere = try call(host) { try $0.devices().contains { $0.device == device && $0.role == .owner } }
    guard isThere, let here = host.process?.store, countsAllPurges(here) else { return false }
    let isRemoved = survivors.filter { $0 != other.number }.count > 1 && random.chance(1, in: 3)
    limited.insert(other.number)
    limitedSpaces.insert(space)
    // What it goes on to write may have no effect: nobody expects to find it, nor what it imports.
    hasUndone = true
    // Nobody is to talk to it any more.
    if isRemoved { (removed, survivors) = (other.number, survivors.filter { $0 != other.number }) }
    let role: MemberRole = isRemoved ? .outsider : .reader
    let cut = cut(device, to: role, on: host)
    try call(host) { try $0.restrict(device, to: role) }
    note(cut, on: host)
    restriction = here.ownLog.map { ChangeID(log: $0, sequence: here.vector[$0]) }
    trace.note(
      scheduler.now, host.number, other.number,
      as: "  \(other.name) \(isRemoved ? "is removed" : "may only read from now on")")
    draw(
      "\(other.name) \(isRemoved ? "is removed" : "may only read from now on"), says \(host.name)", on: other, .fault)
    marks.insert(isRemoved ? .removed : .limited)
    return true
  }

  /// Whether somebody's rights were taken, so that not everything counts that was written.
  var hasRestrictions: Bool { !limited.isEmpty || isTraitorRemoved }

  /// Whether a machine's words may have no effect: rights were taken from it; or from whom let it in before that was known, and
  /// nobody has let it in anew yet.
  func isLeftOut(_ host: Host) -> Bool {
    guard !limited.isEmpty, !limited.contains(host.number) else { return !limited.isEmpty }
    return role(of: host).map { $0 < .writer } ?? false
  }

  /// What a machine may do, as far as it knows; nil where it does not run.
  func role(of host: Host) -> MemberRole? {
    guard let store = host.process?.store, let own = store.ownLog.flatMap({ store.device(of: $0) }) else { return nil }
    return store.roster.role(of: own)
  }

  /// Whether all that was ever purged is known here and counts. Then it goes on to count whosever rights are taken here, since what
  /// they wrote, and whom they let in, stays as far as it is known here.
  private func countsAllPurges(_ store: Store) -> Bool {
    allCount(on: store) { operation in
      switch operation.mutation {
      case .purge, .purgePast: true
      default: false
      }
    }
  }

  /// Whether what a machine purges now will count everywhere: nobody's rights were taken, or who has heard of that takes it for an
  /// owner. Others may not have heard of it, nor this machine itself: they overwrite the bytes on the word of somebody who was let
  /// in by who had lost the right to, and nobody brings them again yet.
  func mayPurge(_ host: Host) -> Bool {
    guard let restriction else { return true }
    guard let store = host.process?.store, let own = store.ownLog.flatMap({ store.device(of: $0) }) else {
      return false
    }
    return hosts.compactMap(\.process?.store).contains { store in
      store.vector.contains(restriction) && store.roster.role(of: own) == .owner
    }
  }

  private func isOwner(_ host: Host) -> Bool {
    guard let replica = host.process?.replica else { return false }
    return host.disk.spared {
      replica.assumeIsolated { replica in
        guard let own = try? replica.device(), let devices = try? replica.devices() else { return false }
        return devices.contains { $0.device == own && $0.role == .owner }
      }
    }
  }
}
