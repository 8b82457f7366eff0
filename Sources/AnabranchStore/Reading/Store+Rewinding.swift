internal import AnabranchCore
internal import AnabranchWire
internal import GRDB

internal import struct Foundation.Data

extension Store {
  /// Shows from now on what a point in the past had, to every method that reads: as if nothing had been written or received since.
  ///
  /// Only of a store that was opened for reading, or is a scratch one, which changes nothing in the file: temporary tables of this connection, on the
  /// disk and without a name there, hide those of the file, and the views are built in them anew. What was purged since is hidden
  /// there, too, and what was overwritten is not there. Peers, attached files and local settings are those of today.
  ///
  /// `progress` is told how many changes of how many are done. Throws where this store writes; where it
  /// fails, close the store. O(changes of that past).
  public func rewind(
    to point: PastPoint, progress: (_ done: UInt64, _ total: UInt64) throws -> Void = { _, _ in }
  ) throws(StoreError) {
    try prepareForPasts()
    try reading { db in
      let purges = try purges(db)
      let walk = try PastWalk(state, db, to: point)
      try build(walk, db) { try progress($0, walk.vector.changes) }
      try hide(purges, db)
    }
  }

  /// To be done before a past is built, outside of every transaction.
  func prepareForPasts() throws(StoreError) {
    guard access == .read || isNameless else {
      throw StoreError(.io, "\(path) is open for writing, and only what is read can be shown as it was")
    }
    // Not in memory: there may be as much as the whole history. The file is read once, in order; the views are written all over.
    try alone { db in
      try db.execute(
        sql: "PRAGMA temp_store = FILE; PRAGMA main.cache_size = -2048; PRAGMA temp.cache_size = -16384")
    }
  }

  /// Builds the views of a past in temporary tables, and shows it; what was purged since is not hidden yet.
  func build(_ walk: PastWalk, _ db: Database, progress: (_ done: UInt64) throws -> Void) throws {
    // From here on there is need of room.
    isPast = true
    try hideTables(db, behind: walk.vector)
    try copyLocalTables(db)
    state = try pastState(walk, db)
    try rebuildViews(db, state, progress: progress)
  }

  /// Makes temporary tables of the same names: of the log up to `vector`, and empty ones of what is built or kept beside it.
  private func hideTables(_ db: Database, behind vector: VersionVector) throws {
    try db.execute(
      sql: """
        CREATE TEMP TABLE past(ordinal INTEGER PRIMARY KEY, last INTEGER NOT NULL);
        CREATE TEMP TABLE purging(id INTEGER PRIMARY KEY);
        """)
    for (ordinal, record) in state.records.enumerated() {
      try db.execute(sql: "INSERT INTO past VALUES(?, ?)", arguments: [ordinal, vector[record.id]])
    }
    for name in Schema.viewTables + Self.localTablesOfPast {
      // What the file says of its tables may be anything, and is not run.
      guard let definition = Schema.tables[name] else { continue }
      try db.execute(sql: "CREATE TEMP TABLE" + definition.dropFirst("CREATE TABLE".count))
    }
    try db.execute(
      sql: """
        CREATE TEMP VIEW change AS SELECT id, hash, signature, bytes FROM main.change
          WHERE (id & \(UInt32.max)) <= (SELECT last FROM past WHERE ordinal = id >> 32) OR id IN (SELECT id FROM purging)
        """)
  }

  /// Tables beside the views that building them, or reading, writes to or goes by. The search's index is none of the past's.
  private static let localTablesOfPast = [
    "log", "branch", "setting", "open_change", "open_operation", "erasure", "blob", "search_shard",
  ]

  private func copyLocalTables(_ db: Database) throws {
    try db.execute(
      sql: """
        INSERT INTO temp.log(ordinal, id, header) SELECT ordinal, id, header FROM main.log;
        INSERT INTO temp.branch SELECT * FROM main.branch WHERE (SELECT last FROM past WHERE ordinal = log) > 0;
        INSERT INTO temp.setting SELECT * FROM main.setting;
        INSERT INTO temp.blob SELECT * FROM main.blob;
        """)
  }

  /// The state of the logs where they end as a past does, and who belonged to the space by then.
  func pastState(_ walk: PastWalk, _ db: Database) throws -> LogState {
    try db.execute(
      sql: """
        INSERT OR IGNORE INTO temp.roster SELECT operation FROM main.roster
          WHERE (operation >> 19 & \(UInt32.max)) <= (SELECT last FROM past WHERE ordinal = operation >> 51);
        """)
    let heads = walk.frontier.compactMap { state.key(of: $0)?.rawValue }
    let own = state.own.map { Int64(walk.vector[$0]) } ?? 0
    try Setting.frontier.set(Data(KeyList.bytes([own] + heads)), in: db)
    var past = try LogState(db, upTo: walk.vector)
    past.unreadable = state.unreadable
    return past
  }

  /// A purge, with its change.
  struct HeldPurge {
    let (key, id): (OperationKey, OperationID)
    let change: Change
  }

  /// Every purge that counts today. To be asked before a past is built.
  func purges(_ db: Database) throws -> [HeldPurge] {
    let keys = try Int64.fetchAll(db, sql: "SELECT operation FROM purge UNION SELECT purge FROM redaction ORDER BY 1")
    return try keys.map(OperationKey.init(rawValue:)).compactMap { key in
      guard let change = try db.change(key.change, state) else { return nil }
      return HeldPurge(key: key, id: try state.operation(of: key), change: change)
    }
  }

  /// Hides what purges take that had not come by then, or did not count: that is hidden for good, and its bytes may still be there.
  /// What a purge of the past leaves stands in its own change, which is shown for that.
  func hide(_ purges: [HeldPurge], _ db: Database) throws {
    let applied = try Set(
      Int64.fetchAll(db, sql: "SELECT operation FROM temp.purge UNION SELECT purge FROM temp.redaction"))
    let views = ViewWriter(db, tailBytesMax: tailBytesMax)
    for purge in purges where !applied.contains(purge.key.rawValue) {
      for operation in purge.change.operations where operation.index == purge.id.index {
        // With the pieces of its content, which stand in changes before it.
        let parts = [purge.key] + operation.mutation.chunks.compactMap { state.key(of: $0) }
        for part in Set(parts.map(\.change)) {
          try db.execute(sql: "INSERT OR IGNORE INTO purging VALUES(?)", arguments: [part.rawValue])
        }
        try views.apply(operation, id: purge.id, of: purge.change, logs: state)
      }
    }
    try views.finish(logs: state)
  }
}
