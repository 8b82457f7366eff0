internal import AnabranchCore
internal import AnabranchWire
internal import GRDB

extension Store {
  /// Drops every view and builds it again from the log. O(history).
  public func rebuildViews() throws(StoreError) {
    try transaction { db, state in
      try rebuild(db, &state)
      try Setting.semanticsLevel.set(Int64(SemanticsLevel.current), in: db)
    }
  }

  /// Drops every view and builds it again from the log.
  func rebuild(_ db: Database, _ state: inout LogState) throws {
    try db.execute(sql: "DELETE FROM roster")
    var order = CausalOrder(held: state.vector, known: VersionVector())
    var reading = ReadAhead(db, state)
    while let change = try order.next(&reading) {
      guard let key = state.key(of: change.id) else { continue }
      _ = try db.noteRosterOperations(of: change, at: key)
    }
    state.membership.reading = RosterReading()
    try state.readRoster(db)
    try rebuildViews(db, state)
  }

  /// Drops every view but the roster and builds it again from the log, by the rights that `state` knows. `progress` is told now and
  /// then how many changes are done.
  func rebuildViews(
    _ db: Database, _ state: LogState, progress: (_ done: UInt64) throws -> Void = { _ in }
  ) throws {
    for table in Schema.viewTables where table != "roster" { try db.execute(sql: "DELETE FROM \(table)") }
    forgetViews()
    erasure = nil
    try buildViews(db, state, after: VersionVector(), progress: progress)
  }

  /// Builds the views on, which are those of `known`, to those of all that `state` has. `progress` is told now and then how many changes
  /// were applied. O(changes beyond `known`).
  func buildViews(
    _ db: Database, _ state: LogState, after known: VersionVector, progress: (_ done: UInt64) throws -> Void = { _ in }
  ) throws {
    var views = ViewWriter(db, tailBytesMax: tailBytesMax)
    var order = CausalOrder(held: state.vector, known: known)
    var reading = ReadAhead(db, state)
    var applied: UInt64 = 0
    while let change = try order.next(&reading) {
      try views.apply(change, logs: state)
      applied += 1
      if applied.isMultiple(of: Self.changesPerFlush) {
        try views.finish(logs: state)
        if views.isLarge { views = ViewWriter(db, tailBytesMax: tailBytesMax) }
        try progress(applied)
      }
    }
    try views.finish(logs: state)
    // Nothing is overwritten for a purge that does not count.
    try db.execute(
      sql: "DELETE FROM erasure WHERE purge NOT IN (SELECT operation FROM purge UNION ALL SELECT purge FROM redaction)")
  }

  /// So many changes are applied before the conversations they touched are written.
  private static let changesPerFlush: UInt64 = 1_000

  /// Rebuilds the views if an older version of the rules built them.
  func rebuildViewsOfOlderLevel() throws(StoreError) {
    if try !isOfThisLevel() { try rebuildViews() }
  }

  /// Whether these rules built the views.
  func isOfThisLevel() throws(StoreError) -> Bool {
    try reading { db in try Setting.semanticsLevel.get(Int64.self, in: db) } == Int64(SemanticsLevel.current)
  }
}

extension CausalOrder {
  /// The next change itself; nil at the end.
  fileprivate mutating func next(_ reading: inout ReadAhead) throws -> Change? {
    guard let id = try next(dependencies: { try reading.change($0).dependencies.map(\.change) }) else { return nil }
    return try reading.change(id)
  }
}

extension ChangeHeader {
  /// The header of a held change, whose bytes are `bytes`.
  init(ofHeld change: ChangeID, in bytes: [UInt8]) throws(StoreError) {
    do {
      try self.init(of: change, in: bytes)
    } catch {
      throw StoreError(unreadable: change, error)
    }
  }
}

extension LogState {
  /// The header of a held change.
  func changeHeader(of change: ChangeID, in db: Database) throws -> ChangeHeader {
    guard let bytes = try db.changeBytes(keyOfHeld(change)) else { throw StoreError(missing: change) }
    return try changeHeader(change, held: bytes, in: db)
  }
}
