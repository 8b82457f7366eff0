internal import Anabranch
internal import AnabranchCore
internal import AnabranchStore
internal import SeededRandom

/// A device of the space that has gone bad, and what people do about it.
extension Simulation {
  /// The traitor calls on `host`, writes something in one of its histories, tells what it likes, and stays.
  func betray(_ index: Int, at host: Host, _ random: inout RandomStream) throws {
    guard let process = host.process, host.isAwake, !host.isSuspect, let space = process.store.space else { return }
    if traitor?.space != space { traitor = Traitor(in: space, &random) }
    guard let traitor else { return }
    let line = traitor.call(host.number, life: process.life, &random)
    callers[index] = line
    // It may write two changes under one number.
    ledger.noteFork()
    try ignoringFailures {
      try letIn(traitor, by: host)
      for _ in 0..<random.number(in: 1...3) {
        let objects = try call(host) { replica in
          try replica.conversations().prefix(8).map { ($0.id, try replica.messages(of: $0.id).last?.id) }
        }
        host.disk.spared { traitor.write(about: objects, in: process.store, wall: host.wall, &random) }
      }
      let (before, isKeptOut) = (host.hashes, isKeptOut(traitor, by: host))
      // Text that is not sealed yet is, when somebody connects.
      let own = try ownHashes(of: host)
      let known = Set(ledger.written.keys).union(traitor.written)
      let hadOpenText = process.store.hasOpenChange
      try connect(line, to: host)
      let sealed = hadOpenText ? try ownHashes(of: host).subtracting(own) : []
      let retells = traitor.retells(&random)
      try say(line.seal(traitor.words(&random)), on: line, to: host, &random)
      let fate = line.isRefused ? ", and is refused" : ""
      trace.note(scheduler.now, index, as: "  the traitor was at \(host.name)\(fate)")
      draw("the traitor calls \(host.name)\(fate)", on: host, .fault)
      let new = host.hashes.subtracting(before)
      guard new.subtracting(known).subtracting(sealed).isEmpty else {
        throw Violation(.everythingFromAVerifiedLog, "\(host.name) took changes that nobody wrote from a traitor")
      }
      guard !isKeptOut || line.isRefused && line.heard.isEmpty && new.isDisjoint(with: traitor.written) else {
        throw Violation(.removedIsExcluded, "\(host.name) meets a device that it keeps out")
      }
      if retells, !isKeptOut { marks.insert(.traitorRetold) }
    }
    if line.isRefused { marks.insert(.traitorRefused) }
    if !host.hashes.isDisjoint(with: traitor.written) { marks.insert(.traitorBelieved) }
    if traitor.isHeldTwice(in: host.hashes) { marks.insert(.traitorFoundOut) }
  }

  /// Whether a host has read in the roster that the traitor was removed.
  private func isKeptOut(_ traitor: Traitor, by host: Host) -> Bool {
    let members = host.process?.store.roster.members ?? []
    return members.contains { $0.device == traitor.device && $0.role == .outsider }
  }

  /// An owner who does not know the traitor yet lets it in: it looks like any other device.
  private func letIn(_ traitor: Traitor, by host: Host) throws {
    let device = traitor.device
    _ = try call(host, expecting: [.denied]) { replica in
      guard try !replica.devices().contains(where: { $0.device == device }) else { return }
      try replica.enrol(device, as: .writer)
    }
  }

  /// What a host holds of its own.
  private func ownHashes(of host: Host) throws -> Set<Digest> {
    guard let store = host.process?.store, let own = store.ownLog else { return [] }
    return Set(try host.disk.spared { try hashes(of: own, in: store) })
  }

  /// An owner removes the traitor, perhaps.
  func expel(at host: Host, _ random: inout RandomStream) throws {
    guard let traitor, random.chance(1, in: 3), host.isAwake, !host.isSuspect, host.process != nil else { return }
    let device = traitor.device
    let cut = cut(device, to: .outsider, on: host)
    try ignoringFailures {
      let isGone = try call(host, expecting: [.denied, .notFound, .invalid]) { replica in
        try replica.restrict(device, to: .outsider)
        return true
      }
      guard isGone else { return }
      // What rests on its words alone has no effect any more, and may be imported or undone anew.
      hasUndone = true
      note(cut, on: host)
      isTraitorRemoved = true
      marks.insert(.traitorRemoved)
      trace.note(scheduler.now, host.number, as: "  \(host.name) removes the traitor")
    }
  }
}
