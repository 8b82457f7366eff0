internal import Anabranch
internal import AnabranchStore
internal import SeededRandom

/// What goes wrong at a moment, and how it is right again.
extension Simulation {
  /// Something goes wrong.
  func strike(_ fault: Plan.Fault, _ index: Int) throws {
    guard !isHealed else { return }
    let host = hosts[fault.host]
    trace.note(scheduler.now, index, as: "✶ \(fault.kind.rawValue) at host \(fault.host) for \(fault.span)")
    drawStrike(fault, host)
    var random = RandomStream(seed: fault.seed)
    switch fault.kind {
    case .reset:
      network.resetOne(using: &random)
    case .partition, .oneWayPartition:
      network.block(ways(fault), true, as: fault.kind == .partition ? .partitioned : .oneWay)
    case .flap:
      return planOutages(fault, index, &random)
    case .kill:
      if host.process != nil { marks.insert(.killed) }
      noteOpenText(host)
      return stop(host, .kill, restartAfter: fault.span)
    case .powerCut where random.chance(1, in: 3):
      if host.process != nil { marks.insert(.powerLost) }
      noteOpenText(host)
      return stop(host, .power, restartAfter: fault.span)
    case .crash, .powerCut:
      // In the midst of some access to the disk: that is where it hurts.
      host.losesPower = fault.kind == .powerCut
      return host.disk.crash(after: random.number(in: 0...random.number(in: 1...400)))
    case .suspension:
      host.sleeps += 1
    case .clockJump:
      marks.insert(.clockJumped)
      let size = random.pick([1_000, 90_000, 7_200_000, 86_400_000, 2_400_000_000_000]) ?? 0
      host.clock.offsetMs += Int64(random.number(in: -size...size))
      return
    case .clockFreeze:
      marks.insert(.clockFrozen)
      host.clock.frozenMs = host.wall
    case .fullDisk:
      host.disk.setRoom(random.number(in: 0...200_000))
    case .badDisk:
      guard host.lives > 0 else { return }
      if let process = host.process { try? host.disk.spared { try process.store.checkpoint() } }
      host.isSuspect = true
      // Nothing would show that text which is not sealed was altered, or is not all there: it has no hash yet.
      if host.process?.store.hasOpenChange ?? host.hadOpenText { host.wasLiedTo = true }
      host.disk.goBad(
        Host.database, bits: random.number(in: 0...(random.chance(1, in: 2) ? 3 : 300)),
        sector: badSector(of: host, &random), calls: random.chance(1, in: 2) ? nil : random.number(in: 2...100))
      // What lies in memory does not show it.
      host.process?.store.releaseMemory()
    case .loss:
      return try lose(host, for: fault.span)
    case .stranger:
      try admit(index, to: host, &random)
    case .traitor:
      try betray(index, at: host, &random)
    case .setBack:
      guard host.lives > 0, !host.isSuspect else { return }
      host.takeSnapshot(texts: ledger.texts(writtenBy: host.number))
    }
    scheduler.plan(.recover(index), after: fault.span)
  }

  /// It is right again.
  func recover(_ fault: Plan.Fault, _ index: Int) throws {
    guard !isHealed else { return }
    trace.note(scheduler.now, index, as: "○ \(fault.kind.rawValue) at host \(fault.host) is over")
    let host = hosts[fault.host]
    drawRecovery(fault, host)
    switch fault.kind {
    case .partition, .oneWayPartition:
      network.block(ways(fault), false)
    case .suspension:
      host.sleeps -= 1
      if host.isAwake { resume(host) }
    case .clockFreeze:
      host.clock.frozenMs = nil
    case .fullDisk:
      host.disk.setRoom(nil)
    case .badDisk:
      try examine(host)
    case .stranger:
      try dismiss(index)
    case .traitor:
      try dismiss(index)
      var random = RandomStream(seed: fault.seed, "removal")
      try expel(at: random.pick(hosts) ?? host, &random)
    case .setBack:
      var random = RandomStream(seed: fault.seed, "set back")
      setBack(host, isWhole: random.chance(1, in: 2), for: .seconds(10))
    case .reset, .flap, .kill, .crash, .powerCut, .clockJump, .loss:
      break
    }
  }

  /// The sector that goes bad where not all do: more often than others one of the first page, which has the
  /// definitions of all tables and is written most.
  private func badSector(of host: Host, _ random: inout RandomStream) -> Int? {
    guard random.chance(1, in: 2), let size = host.disk.size(of: Host.database) else { return nil }
    let bytes = random.chance(1, in: 3) ? Disk.pageBytes : max(size, Disk.pageBytes)
    return random.number(in: 0...bytes / Disk.sectorBytes - 1)
  }

  /// Has a machine's network come and go several times until `fault` is over.
  private func planOutages(_ fault: Plan.Fault, _ index: Int, _ random: inout RandomStream) {
    let outages = random.number(in: 2...8)
    let (start, slot) = (scheduler.now, Int(fault.span.microseconds) / (2 * outages))
    for number in 0..<outages {
      // Each is down for a part of one slot, and up for the rest and the next one.
      let begin = start + VirtualTime(microseconds: Int64(2 * number * slot))
      let end = begin + VirtualTime(microseconds: Int64(random.number(in: slot / 4...slot)))
      scheduler.plan(.outage(index, isDown: true), at: begin)
      scheduler.plan(.outage(index, isDown: false), at: end)
    }
  }

  /// A network that comes and goes is there, or not.
  func setDown(_ isDown: Bool, _ fault: Plan.Fault, _ index: Int) {
    guard !isHealed else { return }
    trace.note(
      scheduler.now, index, isDown ? 1 : 0, as: "  the network of host \(fault.host) is \(isDown ? "gone" : "back")")
    if isDown {
      sketch?.add(.unreachable, to: fault.host)
    } else {
      sketch?.remove(.unreachable, from: fault.host)
    }
    network.block(ways(fault), isDown, as: .flapped)
  }

  /// Between which machines bytes do not pass.
  func ways(_ fault: Plan.Fault) -> [(from: Int, to: Int)] {
    var random = RandomStream(seed: fault.seed, "ways")
    let others = hosts.map(\.number)
    switch fault.kind {
    case .partition:
      let side = Set(others.filter { _ in random.chance(1, in: 2) } + [fault.host])
      let far = others.filter { !side.contains($0) }
      return side.sorted().flatMap { a in far.flatMap { [(a, $0), ($0, a)] } }
    case .oneWayPartition:
      let isDeaf = random.chance(1, in: 2)
      return others.map { isDeaf ? ($0, fault.host) : (fault.host, $0) }
    default:
      return others.flatMap { [(fault.host, $0), ($0, fault.host)] }
    }
  }

  func noteOpenText(_ host: Host) {
    if let process = host.process { host.hadOpenText = process.store.hasOpenChange }
  }

  /// Everything goes right from now on, for all that survive.
  func heal() throws {
    isHealed = true
    trace.note(scheduler.now, as: "◆ everything goes right from now on, for hosts \(survivors)")
    draw("from now on everything goes right", .relief)
    sketch?.calm()
    var calm = options
    for knob in [Knob.lossPpm, .slowPpm, .fragmentsPercent, .flipPpm] { calm[knob] = 0 }
    calm[.latencyMs] = 10
    network.options = calm
    network.unblock()
    for host in hosts {
      host.sleeps = 0
      host.isDozing = false
      host.clock.frozenMs = nil
      host.disk.setRates(nil)
      host.disk.setRoom(nil)
      host.disk.crash(after: -1)
      if !survivors.contains(host.number) { stop(host, .kill, restartAfter: .zero) }
    }
    for index in callers.keys.sorted() { try dismiss(index) }
    for host in hosts {
      resume(host)
      if host.isSuspect, survivors.contains(host.number) { try examine(host) }
    }
    for number in survivors where hosts[number].process == nil {
      if hosts[number].lives == 0 {
        try join(hosts[number])
      } else {
        scheduler.plan(.start(host: number), after: .seconds(1))
      }
    }
    if !limited.isEmpty { meetAll() }
  }

  /// Who may let nobody in is no way into the space, nor is one whom such a one let in: everybody dials everybody.
  private func meetAll() {
    for number in survivors {
      let host = hosts[number]
      let others = survivors.filter { $0 != number && !host.peers.contains($0) }
      host.peers += others
      guard let life = host.process?.life else { continue }
      for peer in others {
        scheduler.plan(.dial(host: number, life: life, peer: peer, isOnce: false), after: .seconds(1))
      }
    }
  }
}
