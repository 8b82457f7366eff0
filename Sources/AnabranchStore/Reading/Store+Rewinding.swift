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
    guard access == .read || isNameless else {
      throw StoreError(.io, "\(path) is open for writing, and only what is read can be shown as it was")
    }
    // Not in memory: there may be as much as the whole history. The file is read once, in order; the views are written all over.
    try alone { db in
      try db.execute(
        sql: "PRAGMA temp_store = FILE; PRAGMA main.cache_size = -2048; PRAGMA temp.cache_size = -16384")
    }
    try reading { db in
      let walk = try PastWalk(state, db, to: point)
      let purges = try purges(db)
      // From here on there is need of room.
      isPast = true
      try hideTables(db, behind: walk.vector)
      try copyLocalTables(db, walk)
      let unreadable = state.unreadable
      state = try LogState(db, upTo: walk.vector)
      state.unreadable = unreadable
      let total = state.vector.changes
      try rebuildViews(db, state) { try progress($0, total) }
      try hide(purges, db)
    }
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

  private func copyLocalTables(_ db: Database, _ walk: PastWalk) throws {
    try db.execute(
      sql: """
        INSERT INTO temp.log(ordinal, id, header) SELECT ordinal, id, header FROM main.log;
        INSERT INTO temp.branch SELECT * FROM main.branch WHERE (SELECT last FROM past WHERE ordinal = log) > 0;
        INSERT INTO temp.setting SELECT * FROM main.setting;
        INSERT INTO temp.blob SELECT * FROM main.blob;
        INSERT INTO temp.roster SELECT operation FROM main.roster
          WHERE (operation >> 19 & \(UInt32.max)) <= (SELECT last FROM past WHERE ordinal = operation >> 51);
        """)
    let heads = walk.frontier.compactMap { state.key(of: $0)?.rawValue }
    let own = state.own.map { Int64(walk.vector[$0]) } ?? 0
    try Setting.frontier.set(Data(KeyList.bytes([own] + heads)), in: db)
  }

  /// Every purge that counts today: the operations, with their changes.
  private func purges(_ db: Database) throws -> [(key: OperationKey, id: OperationID, change: Change)] {
    let keys = try Int64.fetchAll(db, sql: "SELECT operation FROM purge UNION SELECT purge FROM redaction ORDER BY 1")
    return try keys.map(OperationKey.init(rawValue:)).compactMap { key in
      guard let change = try db.change(key.change, state) else { return nil }
      return (key, try state.operation(of: key), change)
    }
  }

  /// Hides what purges take that had not come by then, or did not count: that is hidden for good, and its bytes may still be there.
  /// What a purge of the past leaves stands in its own change, which is shown for that.
  private func hide(_ purges: [(key: OperationKey, id: OperationID, change: Change)], _ db: Database) throws {
    let applied = try Set(
      Int64.fetchAll(db, sql: "SELECT operation FROM temp.purge UNION SELECT purge FROM temp.redaction"))
    let views = ViewWriter(db, tailBytesMax: tailBytesMax)
    for (key, id, change) in purges where !applied.contains(key.rawValue) {
      for operation in change.operations where operation.index == id.index {
        // With the pieces of its content, which stand in changes before it.
        let parts = [key] + operation.mutation.chunks.compactMap { state.key(of: $0) }
        for part in Set(parts.map(\.change)) {
          try db.execute(sql: "INSERT OR IGNORE INTO purging VALUES(?)", arguments: [part.rawValue])
        }
        try views.apply(operation, id: id, of: change, logs: state)
      }
    }
    try views.finish(logs: state)
  }
}
