package import AnabranchCore
package import AnabranchSync
internal import AnabranchWire

/// What becomes of a log that turns out to have forked.
extension FakeReplica {
  private var holdings: IncomingBatch.Holdings<Never> {
    let replica = self
    return IncomingBatch.Holdings(
      branches: branches, header: { replica.header(of: $0) }, head: { replica.head(of: $0) },
      hash: { replica.hash(of: $0) })
  }

  private func header(of log: LogID) -> LogHeader? {
    logs[log]?.header ?? names[log]
  }

  package mutating func apply(_ batch: IncomingBatch) -> SyncSession.ApplyOutcome {
    isSplit = false
    let before = self
    var batch = batch
    var (excluded, unproved): ([Exclusion], [Exclusion]) = ([], [])
    var stored: Set<Digest> = []
    for _ in 0...Limits.logsMax {
      let checked = batch.checked(against: holdings, stored: stored) { checkpoint, _ in
        checkpoint == Self.checkpoint(at: checkpoint.change, hash: checkpoint.hash)
      }
      switch checked {
      case .refused(let reason):
        self = before
        return .refused(reason)
      case .forked(let change, let acceptance):
        take(acceptance, batch)
        excluded += acceptance.excluded
        stored.formUnion(acceptance.changes.map(\.hash))
        split(at: change)
      case .unproved(let exclusions):
        (self, excluded, stored) = (before, [], [])
        isSplit = false
        unproved += exclusions
        batch = batch.leavingOut(exclusions)
      case .accepted(let acceptance):
        take(acceptance, batch)
        let held = VersionVector(batch.runs.map { ($0.log, provable[$0.log]) })
        return .durable(held: held, excluded: unproved + excluded + acceptance.excluded, places: acceptance.places)
      }
    }
    return .failed("cutting its logs comes to no end")
  }

  private mutating func take(_ acceptance: CheckedBatch.Acceptance, _ batch: IncomingBatch) {
    for header in batch.runs.map(\.header) where !header.isBranch { learn(header) }
    for header in acceptance.names { learn(header) }
    for branch in acceptance.branches {
      learn(branch.header)
      logs[branch.header.log] = Log(header: branch.header)
      _ = branches.attach(branch.header.log, to: branch.parent)
      isSplit = true
    }
    for sealed in acceptance.changes { logs[sealed.change.id.log]?.changes.append(sealed) }
    for checkpoint in acceptance.checkpoints {
      logs[checkpoint.change.log]?.checkpoints[checkpoint.change.sequence] = checkpoint
    }
  }

  private mutating func learn(_ header: LogHeader) {
    if case .branch(let root, let first, _) = header {
      branches.add(header.log, of: root, first: first)
      names[header.log] = header
    } else if logs[header.log] == nil {
      logs[header.log] = Log(header: header)
    }
  }

  /// Cuts a log before `change`.
  private mutating func split(at change: ChangeID) {
    guard var log = logs[change.log], let hash = hash(of: change) else { return }
    let original = branches.original(change)
    let header = LogHeader.branch(of: original.log, first: original.sequence, hash: hash)
    let place = Int(change.sequence) - 1
    var branch = Log(header: header, changes: Array(log.changes[place...]))
    for (sequence, checkpoint) in log.checkpoints where sequence >= change.sequence {
      let moved = sequence - change.sequence + 1
      branch.checkpoints[moved] = checkpoint.named(ChangeID(log: header.log, sequence: moved))
      log.checkpoints[sequence] = nil
    }
    // What it wrote it can sign as long as that is its own.
    if change.log == own, let last = branch.changes.last {
      let id = branches.original(ChangeID(log: own, sequence: UInt32(log.changes.count)))
      let name = ChangeID(log: header.log, sequence: UInt32(branch.changes.count))
      branch.checkpoints[name.sequence] = Self.checkpoint(at: id, hash: last.hash).named(name)
    }
    log.changes.removeSubrange(place...)
    logs[change.log] = log
    logs[header.log] = branch
    let following = branches.branches(after: change.log)
    learn(header)
    for log in following { _ = branches.attach(log, to: header.log) }
    _ = branches.attach(header.log, to: change.log)
    isSplit = true
    if change.log == own { openLog() }
    nameAll()
  }

  /// Gives all changes the meaning that they have among the branches there are now.
  private mutating func nameAll() {
    for (log, held) in logs {
      for (offset, sealed) in held.changes.enumerated() {
        let id = ChangeID(log: log, sequence: UInt32(offset) + 1)
        guard let written = try? SealedChange(bytes: sealed.bytes, context: context(of: id)) else { continue }
        let change = written.change.named(id, among: branches) {
          branches.place($0, last: { head(of: $0)?.sequence ?? 0 }, hash: hash) ?? $0.change
        } end: {
          head(of: $0)
        }
        logs[log]?.changes[offset] = sealed.named(change)
      }
    }
  }

  private func context(of id: ChangeID) -> SealedChange.Context {
    let before = ChangeID(log: id.log, sequence: id.sequence - 1)
    let parent = branches.parent(of: id.log).flatMap { head(of: $0)?.hash }
    let previous = hash(of: before) ?? parent ?? logs[id.log]?.header.foundingHash
    return SealedChange.Context(id: branches.original(id), previous: previous ?? .zero)
  }

  /// Whether every change that is held has the hash that it has after the one before it.
  package var isChained: Bool {
    logs.allSatisfy { log, held in
      held.changes.indices.allSatisfy { place in
        let id = ChangeID(log: log, sequence: UInt32(place) + 1)
        let sealed = try? SealedChange(bytes: held.changes[place].bytes, context: context(of: id))
        return sealed?.hash == held.changes[place].hash
      }
    }
  }

  /// What proves a change, as a session is to send it.
  package func proof(of id: ChangeID) -> ChangeID? {
    if id.log == own { return id }
    if let sequence = logs[id.log]?.checkpoints.keys.filter({ $0 >= id.sequence }).min() {
      return ChangeID(log: id.log, sequence: sequence)
    }
    let branch = branches.branches(after: id.log).first { provable($0) > 0 }
    return branch.flatMap { proof(of: ChangeID(log: $0, sequence: 1)) }
  }

  /// How far it can prove a log.
  package func provable(_ log: LogID) -> UInt32 {
    let count = UInt32(logs[log]?.changes.count ?? 0)
    let isProved = log == own || branches.branches(after: log).contains { provable($0) > 0 }
    return isProved ? count : logs[log]?.checkpoints.keys.max() ?? 0
  }

  /// The branches it knows, each after the log that it is a part of.
  package var branchHeaders: [LogHeader] {
    names.values.sorted { $0.log < $1.log }.flatMap { header in
      [logs[branches.root(of: header.log)]?.header, header].compactMap { $0 }
    }
  }
}
