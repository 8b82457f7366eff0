public import AnabranchCore
public import AnabranchSync
internal import AnabranchWire
internal import GRDB

extension Store {
  /// What a batch brought.
  public struct Receipt: Hashable, Sendable {
    /// Changes that are new here.
    public var applied = 0
    /// From where on logs were left out, because not all of their branches are kept, or they build on one that is not.
    public var excluded: [Exclusion] = []
    /// Of logs that their sender calls otherwise, what it holds of them; see ``AnabranchSync/CheckedBatch/Acceptance``.
    public var places: [LogID: VersionVector] = [:]
    /// The conversations that changed, in no particular order; also those of the open change that had to be sealed.
    public var conversations: Set<ObjectID> = []
    /// Whether files were attached that may be wanted.
    public var attached = false
    /// Whether somebody was let in, or lost rights.
    public var isRosterChanged = false
    /// The last changes before a log forked, as it turned out: so logs have other names than before.
    public var forks: Set<ChangeID> = []
    /// Logs whose author's clock is further ahead than is believed.
    public var clocksAhead: Set<LogID> = []
  }

  /// Takes over changes of other logs: all of the batch, durable when this returns, or nothing.
  ///
  /// They are checked against what is held, and against their authors' signatures, in the same transaction. Throws
  /// ``StoreError/Code/refused`` where the batch is not what the format says, or not what its authors signed.
  /// Changes that are held already are passed over. Where a log turns out to have forked, its branches are logs of their own from then
  /// on; this device goes on in a log founded on `nonce` if that was its own.
  public func receive(
    _ batch: IncomingBatch, wall: Int64, nonce: () -> Bytes16
  ) throws(StoreError) -> Receipt {
    try transaction { db, state in
      // What is open had seen nothing of the batch, and what is written next has: so it is sealed between the two.
      // Names given in it count on its place in the log, too: a batch that has another change there must find it.
      _ = try seal(db, &state, wall: wall)
      // What comes may build on what this device wrote, and is to be passed on with no more of it than that.
      try signOwnLog(db, &state)
      let (known, roster) = (state.records.count, state.membership.roster)
      for run in batch.runs { if case .device = run.header { _ = try state.register(run.header, in: db) } }
      var receipt = Receipt()
      let settled = try settle(batch, wall: wall, &receipt, db, &state)
      let (acceptance, cuts) = (settled.acceptance, settled.cuts)
      let hasNewLogs = state.records.count > known
      let isStep: Bool
      if cuts.isEmpty {
        isStep = try take(acceptance, wall: wall, hasNewLogs: hasNewLogs, &receipt, db, &state)
      } else {
        isStep = false
        try keep(acceptance, wall: wall, &receipt, db, &state)
        let own = state.own.flatMap { cuts.contains(state.branches.root(of: $0)) ? $0 : nil }
        try finishCuts(ofOwn: own, nonce: nonce(), db, &state)
      }
      let isWhole = isStep && receipt.forks.isEmpty
      let touched = try views(db).finish(logs: state)
      let changed = try isWhole ? touched : conversationKeys(db)
      receipt.conversations = try Set(changed.map { try ObjectID(key: $0, logs: state, db) })
      receipt.places = acceptance.places
      try keep(acceptance.checkpoints, db, &state)
      if receipt.applied > 0 { try state.saveFrontier(db) }
      if receipt.applied > 0 { try state.forgetUnkeptThatCame(db) }
      receipt.isRosterChanged = state.membership.roster != roster
      return receipt
    }
  }

  /// Cuts the logs that a batch shows to have forked, with what has to be stored of it before, and tells which these are, and what is
  /// to be stored in the end.
  private func settle(
    _ batch: IncomingBatch, wall: Int64, _ receipt: inout Receipt, _ db: Database, _ state: inout LogState
  ) throws -> (acceptance: CheckedBatch.Acceptance, cuts: Set<LogID>) {
    let before = state
    var batch = batch
    var unproved: [Exclusion] = []
    var cuts: Set<LogID> = []
    var stored: Set<Digest> = []
    while true {
      switch try check(batch, stored: stored, db, state) {
      case .accepted(let acceptance):
        if !cuts.isEmpty { try db.execute(sql: "RELEASE forks") }
        receipt.excluded += unproved
        return (acceptance, cuts)
      case .forked(let change, let acceptance):
        // Each is a log more.
        guard receipt.forks.count <= Limits.logsMax else {
          throw StoreError(.refused, "expected fewer forks in one batch")
        }
        if cuts.isEmpty { try db.execute(sql: "SAVEPOINT forks") }
        try keep(acceptance, wall: wall, &receipt, db, &state)
        stored.formUnion(acceptance.changes.map(\.hash))
        try cut(at: change, db, &state)
        cuts.insert(state.branches.root(of: change.log))
        receipt.forks.insert(ChangeID(log: change.log, sequence: change.sequence - 1))
      case .unproved(let exclusions):
        if !cuts.isEmpty { try db.execute(sql: "ROLLBACK TO forks; RELEASE forks") }
        (state, receipt, cuts, stored) = (before, Receipt(), [], [])
        unproved += exclusions
        batch = batch.leavingOut(exclusions)
      case .refused(let reason):
        throw StoreError(.refused, reason)
      }
    }
  }

  private func check(
    _ batch: IncomingBatch, stored: Set<Digest>, _ db: Database, _ logs: LogState
  ) throws -> CheckedBatch {
    let holdings = IncomingBatch.Holdings<StoreError>(
      branches: logs.branches, header: { logs[$0]?.header }, head: { logs[$0]?.head },
      hash: { [path] (change) throws(StoreError) in
        do {
          return try logs.hash(of: change, in: db)
        } catch {
          throw StoreError(error, path: path)
        }
      }, unknownHeads: logs.membership.reading.unknownHeads)
    return try batch.checked(against: holdings, stored: stored, isSigned: isSigned)
  }

  /// Stores what was accepted. Returns false where all views were built anew for it.
  private func take(
    _ acceptance: CheckedBatch.Acceptance, wall: Int64, hasNewLogs: Bool, _ receipt: inout Receipt, _ db: Database,
    _ state: inout LogState
  ) throws -> Bool {
    try note(acceptance, wall: wall, &receipt, db, &state)
    let isNew = hasNewLogs || !acceptance.branches.isEmpty || !acceptance.names.isEmpty
    return try apply(acceptance.changes, wall: wall, hasNewLogs: isNew, db, &state)
  }

  /// The same, into the log alone: all that is made of it is built anew afterwards.
  private func keep(
    _ acceptance: CheckedBatch.Acceptance, wall: Int64, _ receipt: inout Receipt, _ db: Database,
    _ state: inout LogState
  ) throws {
    try note(acceptance, wall: wall, &receipt, db, &state)
    let insertion = views(db).insertChange
    for sealed in acceptance.changes { _ = try state.keep(sealed, wall: wall, in: db, insertion) }
  }

  /// Takes note of what an accepted batch says of logs.
  private func note(
    _ acceptance: CheckedBatch.Acceptance, wall: Int64, _ receipt: inout Receipt, _ db: Database,
    _ state: inout LogState
  ) throws {
    receipt.applied += acceptance.changes.count
    receipt.excluded += acceptance.excluded
    for header in acceptance.names { _ = try state.register(header, in: db) }
    for branch in acceptance.branches {
      try state.attach(state.register(branch.header, in: db), to: branch.parent, in: db)
      let end = state[branch.parent]?.head.sequence ?? 0
      receipt.forks.insert(ChangeID(log: branch.parent, sequence: end))
    }
    for sealed in acceptance.changes {
      if sealed.change.operations.contains(where: { db.attachment(by: $0) != nil }) { receipt.attached = true }
      if sealed.change.time.isBeyondBelief(wall: wall) { receipt.clocksAhead.insert(sealed.change.id.log) }
    }
  }
}

extension Store {
  private func conversationKeys(_ db: Database) throws -> Set<ObjectKey> {
    try Set(
      db.all("SELECT key FROM conversation") { _ in
      } _: {
        try $0.integer(0)
      })
  }
}

extension HybridTime {
  /// Whether a clock that shows `wall` does not follow this timestamp.
  fileprivate func isBeyondBelief(wall: Int64) -> Bool {
    let (bound, overflow) = wall.addingReportingOverflow(HybridClock.driftMsMax)
    return !overflow && milliseconds > bound
  }
}
