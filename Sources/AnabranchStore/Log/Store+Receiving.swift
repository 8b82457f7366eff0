public import AnabranchCore
public import AnabranchSync
internal import AnabranchWire
internal import GRDB

extension Store {
  /// What a batch brought.
  public struct Receipt: Hashable, Sendable {
    /// Changes that are new here.
    public var applied = 0
    /// From where on logs were left out, because the two sides cannot both be right about them.
    public var excluded: [Exclusion] = []
    /// The conversations that changed, in no particular order; also those of the open change that had to be sealed.
    public var conversations: Set<ObjectID> = []
    /// Whether files were attached that may be wanted.
    public var attached = false
    /// Whether somebody was let in, or lost rights.
    public var isRosterChanged = false
    /// Logs whose author's clock is further ahead than is believed.
    public var clocksAhead: Set<LogID> = []
  }

  /// Takes over changes of other logs: all of the batch, durable when this returns, or nothing.
  ///
  /// They are checked against what is held, and against their authors' signatures, in the same transaction. Throws
  /// ``StoreError/Code/refused`` where the batch is not what the format says, or not what its authors signed.
  /// Changes that are held already are passed over.
  public func receive(_ batch: IncomingBatch, wall: Int64) throws(StoreError) -> Receipt {
    try transaction { db, state in
      // What is open had seen nothing of the batch, and what is written next has: so it is sealed between the two.
      // Names given in it count on its place in the log, too: a batch that has another change there must find it.
      _ = try seal(db, &state, wall: wall)
      // What comes may build on what this device wrote, and is to be passed on with no more of it than that.
      try signOwnLog(db, &state)
      let known = state.records.count
      for run in batch.runs { _ = try state.register(run.header, in: db) }
      let logs = state
      let checked = try batch.checked(
        head: { (log) throws(StoreError) in logs[log]?.head },
        hash: { (change) throws(StoreError) in
          do {
            return try logs.hash(of: change, in: db)
          } catch {
            throw StoreError(error, path: path)
          }
        }, isSigned: isSigned)
      guard case .accepted(let changes, let checkpoints, let excluded) = checked else {
        guard case .refused(let reason) = checked else { return Receipt() }
        throw StoreError(.refused, reason)
      }
      var receipt = Receipt(applied: changes.count, excluded: excluded)
      for sealed in changes {
        if sealed.change.operations.contains(where: { db.attachment(by: $0) != nil }) { receipt.attached = true }
        if sealed.change.time.isBeyondBelief(wall: wall) { receipt.clocksAhead.insert(sealed.change.id.log) }
      }
      let isStep = try apply(changes, wall: wall, hasNewLogs: logs.records.count > known, db, &state)
      let changed = try isStep ? views(db).finish(logs: state) : conversationKeys(db)
      receipt.conversations = try Set(changed.map { try ObjectID(key: $0, logs: state, db) })
      try keep(checkpoints, db, &state)
      if receipt.applied > 0 { try state.saveFrontier(db) }
      receipt.isRosterChanged = state.roster != logs.roster
      return receipt
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
