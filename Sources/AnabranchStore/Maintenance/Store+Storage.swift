internal import AnabranchCore
internal import AnabranchWire
internal import GRDB

internal import class Foundation.FileManager
internal import class Foundation.NSNumber

extension Store {
  /// What the files hold. Changes nothing.
  ///
  /// `progress` is told how many changes of how many are looked through. O(database).
  public func storageUse(progress: (_ done: UInt64, _ total: UInt64) -> Void = { _, _ in }) throws(StoreError)
    -> StorageUse
  {
    try reading { db in
      var use = StorageUse()
      try use.measureTables(db, path)
      let attributes = try? FileManager.default.attributesOfItem(atPath: path + "-wal")
      use.journalBytes = (attributes?[.size] as? NSNumber)?.uint64Value ?? 0
      try use.measureLog(db, state, progress)
      return use
    }
  }
}

extension StorageUse {
  /// Pages by table; see <https://sqlite.org/dbstat.html>.
  fileprivate mutating func measureTables(_ db: Database, _ path: String) throws {
    let rows = try Row.fetchAll(
      db,
      sql: """
        SELECT coalesce(s.tbl_name, d.name) AS name, sum(d.pgsize) AS bytes, sum(d.unused) AS unused,
          max(d.pagetype = 'corrupted') AS isDamaged
        FROM dbstat AS d LEFT JOIN sqlite_schema AS s ON s.name = d.name GROUP BY 1
        """)
    var tables: [String: Table] = [:]
    for row in rows {
      let name = try Self.table(row.decode(forColumn: "name"))
      guard try !row.decode(Bool.self, forColumn: "isDamaged") else {
        throw StoreError(damaged: path, "a page of \(name) cannot be read")
      }
      var table = tables[name] ?? Table(name: name, purpose: Purpose(ofTable: name), bytes: 0, unused: 0)
      table.bytes += UInt64(clamping: try row.decode(Int64.self, forColumn: "bytes"))
      table.unused += UInt64(clamping: try row.decode(Int64.self, forColumn: "unused"))
      tables[name] = table
    }
    self.tables = tables.values.sorted { ($1.bytes, $0.name) < ($0.bytes, $1.name) }
    let free = try Int64.fetchOne(
      db, sql: "SELECT freelist_count * page_size FROM pragma_freelist_count, pragma_page_size")
    freeBytes = UInt64(clamping: free ?? 0)
  }

  /// The table by whose name people know it: all parts of the search's index are one.
  private static func table(_ name: String) -> String {
    name.hasPrefix("search_") ? "search" : name
  }

  private mutating func add(_ operation: Operation, to conversation: ObjectID?) {
    let bytes = UInt64(operation.envelope.content.bytes?.count ?? 0)
    kinds[operation.envelope.kind, default: Share()].operations += 1
    kinds[operation.envelope.kind, default: Share()].contentBytes += bytes
    guard let conversation else { return }
    conversations[conversation, default: Share()].operations += 1
    conversations[conversation, default: Share()].contentBytes += bytes
  }

  /// Operations by kind and conversation.
  fileprivate mutating func measureLog(
    _ db: Database, _ logs: LogState, _ progress: (UInt64, UInt64) -> Void
  ) throws {
    let total = logs.vector.changes
    var done: UInt64 = 0
    var holders = Holders()
    // By the rows that there are: how long a log is called, any of them may say.
    try db.forEach("SELECT id, bytes FROM change ORDER BY id") { _ in
    } _: { columns in
      done += 1
      if done % 4_096 == 0 { progress(done, total) }
      let key = ChangeKey(rawValue: try columns.integer(0))
      guard let bytes = try columns.withBytes(1, PackedChange.bytes) else { throw StoreError(unpackable: key) }
      let change = try logs.change(logs.change(of: key), held: bytes, in: db)
      for operation in change.operations {
        add(operation, to: try holders.conversation(of: operation, in: change, db, logs))
      }
    }
  }
}

/// In which conversation things are, each looked up once.
private struct Holders {
  private var names: [ObjectKey: ObjectID?] = [:]

  mutating func conversation(
    of operation: AnabranchCore.Operation, in change: Change, _ db: Database, _ logs: LogState
  ) throws -> ObjectID? {
    guard let target = operation.envelope.target else {
      guard case .createConversation = operation.mutation else { return nil }
      return .native(OperationID(log: change.id.log, sequence: change.id.sequence, index: operation.index))
    }
    guard let key = try db.key(of: target, logs) else { return nil }
    if let known = names[key] { return known }
    let holder = try db.conversations(of: key, logs).first ?? key
    // A device, or what nothing is known of, is none.
    let row = try ConversationRow.fetch(db, key: holder)
    let isConversation = row.map { $0.created != nil || $0.source != nil || $0.purged } ?? false
    let name = try isConversation ? ObjectID(key: holder, logs: logs, db) : nil
    names[key] = name
    return name
  }
}

extension StorageUse.Purpose {
  fileprivate init(ofTable name: String) {
    switch name {
    case "change", "log", "branch", "open_change", "open_operation": self = .log
    case "block", "blob", "blob_holder": self = .files
    case let name where name.hasPrefix("search"): self = .search
    case let name where Schema.viewTables.contains(name): self = .views
    default: self = .local
    }
  }
}
