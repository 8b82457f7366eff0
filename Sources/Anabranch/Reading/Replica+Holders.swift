internal import AnabranchCore
internal import AnabranchStore

extension Replica {
  /// What is known here of what every other device holds. O(devices + logs).
  public func holders() throws(AnabranchError) -> Holders {
    try withStore { (store) throws(StoreError) in
      let authors = Dictionary(
        store.heads.compactMap { log, _, _ in store.device(of: log).map { (log, $0) } }, uniquingKeysWith: { $1 })
      let several = Self.authorsOfSeveral(authors)
      let (current, names) = (currentLogs(authors, several, store), try Self.deviceNames(store))
      let said = Dictionary(try store.peers().map { ($0.device, $0.vector) }, uniquingKeysWith: { first, _ in first })
      var space = Set(store.roster.members.map(\.device) + (try store.formerRoster().members + store.inviters()))
      // Who was met where nobody was let in yet is one of those that share the history.
      if space.isEmpty { space = Set(said.keys) }
      space.subtract(try store.keptOut())
      let own = store.ownLog.flatMap { store.device(of: $0) }
      let all = space.union(said.keys).union(authors.values).subtracting([own].compactMap(\.self))
      let devices = all.map { device in
        Holders.Device(
          device: device, name: names[device] ?? String(device.description.prefix(8)), said: said[device],
          isOutside: !space.contains(device), current: current[device], hasSeveralLogs: several.contains(device))
      }
      return Holders(
        devices: devices.sorted { ($0.name, $0.device.description) < ($1.name, $1.device.description) },
        authors: authors)
    }
  }

  /// What devices are called, by what was said of them, and else by what they have said of themselves.
  static func deviceNames(_ store: Store) throws(StoreError) -> [Digest: String] {
    var names: [Digest: String] = [:]
    for peer in try store.peers() { names[peer.device] = peer.name }
    if let own = store.ownLog.flatMap({ store.device(of: $0) }) { names[own] = try store.name() }
    for member in store.roster.members {
      if let name = try store.deviceName(member.device) { names[member.device] = name }
    }
    return names.filter { !$0.value.isEmpty }
  }

  private static func authorsOfSeveral(_ authors: [LogID: Digest]) -> Set<Digest> {
    Set(Dictionary(authors.map { ($0.value, 1) }, uniquingKeysWith: +).filter { $0.value > 1 }.keys)
  }

  /// The log that each device goes on to write as far as is known: of several the one that was written last. None where that is a branch,
  /// which the device leaves once it hears of the fork.
  private func currentLogs(
    _ authors: [LogID: Digest], _ several: Set<Digest>, _ store: Store
  ) -> [Digest: LogID] {
    var last: [Digest: (time: HybridTime, log: LogID)] = [:]
    for (log, _, head) in store.heads {
      guard let device = authors[log] else { continue }
      var time = HybridTime.zero
      if several.contains(device), let read = try? store.changeRecord(ChangeID(log: log, sequence: head.sequence)) {
        time = read.change.time
      }
      if let best = last[device], time < best.time { continue }
      last[device] = (time, log)
    }
    return last.compactMapValues { store.header(of: $0.log)?.isBranch == true ? nil : $0.log }
  }
}
