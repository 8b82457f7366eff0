internal import Anabranch
internal import AnabranchCore
internal import AnabranchOracle
internal import AnabranchStore
internal import AnabranchWire

/// What must hold in the end.
extension Simulation {
  /// The stores of all that survive and run.
  private var stores: [(host: Host, store: Store)] {
    survivors.compactMap { number in hosts[number].process.map { (hosts[number], $0.store) } }
  }

  /// Whether all that survive hold the same, and nothing waits to be sealed.
  var isSettled: Bool {
    let stores = stores
    guard stores.count == survivors.count, let first = stores.first else { return false }
    guard stores.allSatisfy({ $0.host.committed == first.host.committed && !$0.store.hasOpenChange }) else {
      return false
    }
    return stores.allSatisfy { lackingFiles($0.host, $0.store).isEmpty && isNamed($0.store) }
  }

  /// Whether a machine's own roster names it, where rights were taken, or what let it in may be lost: what was written on one that has to
  /// be let in anew counts there, and nowhere else yet.
  private func isNamed(_ store: Store) -> Bool {
    guard !limited.isEmpty || marks.contains(.repaired), store.space != nil,
      let own = store.ownLog.flatMap({ store.device(of: $0) })
    else { return true }
    return store.roster.members.contains { $0.device == own }
  }

  /// The files that a machine lacks and some other one has.
  private func lackingFiles(_ host: Host, _ store: Store) -> [BlobID] {
    guard !files.isEmpty else { return [] }
    let wanted = (try? host.disk.spared { try store.wantedBlobs(upTo: .max, excluding: [], limit: 1_000) }) ?? []
    guard !wanted.isEmpty else { return [] }
    return stores.flatMap { other in
      (try? other.host.disk.spared { try other.store.wholeBlobs(wanted).map(\.blob) }) ?? []
    }
  }

  /// The logs of which a machine lacks what others hold, in words; nil where it lacks none.
  private func lacks(_ number: Int) -> String? {
    let all = survivors.reduce(into: VersionVector()) { $0.merge(hosts[$1].committed) }
    let missing = all.missing(from: hosts[number].committed)
    guard !missing.isEmpty else { return nil }
    return "host \(number) lacks " + missing.map { "\($0.log) from \($0.sequences.lowerBound)" }.joined(separator: ", ")
  }

  /// Everybody is equal, and all that was ever promised holds.
  func checkEnd() throws {
    guard isSettled else {
      let held =
        survivors.map { "host \($0): \(hosts[$0].committed.changes) changes" }
        + survivors.compactMap(lacks)
        + stores.filter(\.store.hasOpenChange).map { "\($0.host.name) has text that is not sealed" }
        + stores.filter { !lackingFiles($0.host, $0.store).isEmpty }.map { "\($0.host.name) lacks a file" }
        + stores.filter { !isNamed($0.store) }.map { "\($0.host.name) was not let in anew" }
      throw Violation(
        .convergence, "not equal \(Self.healing) after everything went right: \(held.joined(separator: ", "))")
    }
    if let connection = network.withOldKey {
      throw Violation(.noNonceTwice, "an ephemeral key was used before that came on connection \(connection)")
    }
    for host in hosts { try host.disk.spared { try checkState(of: host) } }
    for (host, store) in stores { try host.disk.spared { try checkErased(host, store) } }
    // Where a log has forked, something may come late: by what it builds on, which takes both branches.
    guard ledger.hasFork || hosts.allSatisfy(\.excluded.isEmpty) else {
      let places = hosts.flatMap { host in host.excluded.map { "\($0) at \(host.name)" } }
      throw Violation(.convergence, "left out of a session: \(places)")
    }
  }

  private func checkState(of host: Host) throws {
    guard survivors.contains(host.number), let store = host.process?.store, let first = stores.first else { return }
    guard store.logHash == first.store.logHash else {
      throw Violation(.sameChangesSameState, "hosts \(first.host.number) and \(host.number) have different log hashes")
    }
    guard try store.stateHash() == first.store.stateHash() else {
      throw Violation(
        .sameChangesSameState, "hosts \(first.host.number) and \(host.number) hold the same and read it differently")
    }
    guard store.unproved == 0 else {
      throw Violation(
        .signedHeadCoversThePrefix, "\(host.name) holds \(store.unproved) changes of others that it can give to nobody")
    }
    try checkViews(of: store, host)
    // A sum that is kept is no witness where a disk altered what it is the sum of.
    if host === first.host || !host.suspectLives.isEmpty { try compareWithOracle(store) }
    // Where a log has forked, what people were told of by its old name is called otherwise.
    if !ledger.hasFork { try checkTexts(of: host, store, writtenOn: survivors.filter { !limited.contains($0) }) }
    try checkCuts(of: host, store)
    if try !store.uncounted().isEmpty { marks.insert(.uncounted) }
    if store.heads.contains(where: { $0.header.isBranch && $0.head.sequence > 0 }) { marks.insert(.forked) }
    try checkFiles(of: host, store)
    try checkBounds(of: host)
  }

  /// Compares what was said on `writers` with what people were told, in all conversations that are there by what counts.
  func checkTexts(of host: Host, _ store: Store, writtenOn writers: [Int]) throws {
    guard hasRestrictions else { return try ledger.checkTexts(of: host, store, writtenOn: writers) }
    try ledger.checkTexts(of: host, store, writtenOn: writers, where: oracle(of: store).counts)
  }

  private func checkViews(of store: Store, _ host: Host) throws {
    let scratch = Disk(Self.scratchDisk, seed: seed)
    let verification = try store.verify(scratch: scratch.path("scratch"))
    guard verification.isSound else {
      throw Violation(
        .incrementalIsRebuilt, "\(host.name): \(verification.messages.joined(separator: "; "))")
    }
  }

  /// What the changes that are held mean, by what is held of the roster.
  func oracle(of store: Store) -> NaiveHistory {
    history(changes(heldBy: store), in: store)
  }

  /// What some changes mean by what a store holds of the roster.
  func history(_ held: [SealedChange], in store: Store) -> NaiveHistory {
    let devices = Dictionary(uniqueKeysWithValues: store.heads.map { ($0.log, store.device(of: $0.log)) })
    return NaiveHistory(held, by: store.counting, devices: devices.compactMapValues { $0 })
  }

  /// The changes that a store holds, as the ledger has them; where a log has forked, under the names that they have in the store.
  /// What was taken by a purge that nobody holds any more is not in them.
  func changes(heldBy store: Store) -> [SealedChange] {
    guard ledger.hasFork else {
      return withoutLost(ledger.changes.filter { store.vector.contains($0.change.id) }, heldBy: store)
    }
    let branches = store.branches
    let stored = (try? store.changes(missingFrom: VersionVector(), bytesMax: .max).changes) ?? []
    let changes = stored.compactMap { stored -> SealedChange? in
      let before = ChangeID(log: stored.id.log, sequence: stored.id.sequence - 1)
      let end = branches.parent(of: stored.id.log).flatMap { store.head(of: $0)?.hash }
      let previous = (try? store.hash(of: before)) ?? end ?? store.header(of: stored.id.log)?.foundingHash
      let context = SealedChange.Context(id: branches.original(stored.id), previous: previous ?? .zero)
      // With all that was ever said in it: what became of that the oracle tells.
      guard let record = try? store.changeRecord(stored.id),
        let sealed = try? SealedChange(bytes: ledger.written[record.hash] ?? stored.bytes, context: context),
        record.hash == sealed.hash
      else { return nil }
      var change = record.change
      for index in change.operations.indices {
        change.operations[index].envelope.content = sealed.change.operations[index].envelope.content
      }
      return sealed.named(change)
    }
    return withoutLost(changes, heldBy: store)
  }

  /// Whether all operations of a kind that were ever written are held, and count, by what is held of the roster; where a log has
  /// forked, of those that are held.
  func allCount(on store: Store, _ isMeant: (Operation) -> Bool) -> Bool {
    let written = ledger.hasFork ? changes(heldBy: store) : ledger.changes
    let meant = written.flatMap { sealed in
      sealed.change.operations.filter(isMeant).map { operation in
        OperationID(log: sealed.change.id.log, sequence: sealed.change.id.sequence, index: operation.index)
      }
    }
    return meant.isEmpty || Set(oracle(of: store).operations.map(\.id)).isSuperset(of: meant)
  }

  /// A disk that no host has.
  static let scratchDisk = 4_000

  private func compareWithOracle(_ store: Store) throws {
    let held = changes(heldBy: store)
    guard UInt64(held.count) == store.vector.changes else {
      throw Violation(
        .everythingFromAVerifiedLog, "\(store.vector.changes) changes are held, \(held.count) were written")
    }
    let oracle = oracle(of: store)
    let comparison = OracleComparison(oracle)
    try comparison.checkState(of: store)
    for conversation in oracle.conversations where !conversation.isHidden {
      if !oracle.deletions(of: conversation.id).isEmpty { marks.insert(.trashedAndBack) }
    }
    if ledger.sawClockAhead { marks.insert(.clockAhead) }
    try comparison.checkConversations(of: store)
  }

  /// The log of a database stays small: SQLite moves it into the database every 4,000 pages.
  func checkBounds(of host: Host) throws {
    let bytes = host.disk.size(of: Host.database + "-wal") ?? 0
    guard bytes <= Self.walBytesMax else {
      throw Violation(.memoryIsBounded, "\(host.name) has a write-ahead log of \(bytes) bytes")
    }
  }

  /// So many pages of 4 KiB, and as much again for one large transaction.
  private static let walBytesMax = 2 * 4_000 * 4_200
}

extension ObjectID {
  /// The change that made it; one that nobody holds for an imported object.
  var change: ChangeID {
    operation?.change ?? ChangeID(log: LogID(Bytes16(high: 0, low: 0)), sequence: .max)
  }

  /// The log of the change that made it.
  var log: LogID? {
    operation?.log
  }
}
