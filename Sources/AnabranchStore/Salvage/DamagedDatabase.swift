internal import AnabranchCore
internal import GRDB

/// A database that may be damaged, to be read as it is. Nothing of it is trusted, and nothing of it is changed.
struct DamagedDatabase {
  /// The file.
  let path: String
  let queue: DatabaseQueue

  /// Opens the file at `path`, also where the list of its tables is damaged in part. Throws ``StoreError/Code/format`` where it is no
  /// database, ``StoreError/Code/damaged`` where SQLite can read nothing of it, and ``StoreError/Code/older`` or
  /// ``StoreError/Code/newer`` where another version wrote it.
  init(at path: String) throws(StoreError) {
    self.path = path
    var configuration = Configuration()
    configuration.readonly = true
    configuration.busyMode = .timeout(Store.busySeconds)
    configuration.label = "anabranch damaged"
    configuration.prepareDatabase { db in
      // What is wrong in the list of tables is passed over, and so the tables are read that it names rightly.
      try db.execute(sql: "PRAGMA writable_schema = ON; PRAGMA temp_store = MEMORY")
    }
    do {
      queue = try DatabaseQueue(path: path, configuration: configuration)
      try queue.inDatabase { db in
        let version = try Int32.fetchOne(db, sql: "PRAGMA user_version") ?? 0
        guard version != Schema.version, (1...Schema.version + 1_000).contains(version) else { return }
        throw StoreError(
          version < Schema.version ? .older : .newer,
          "\(path) has schema \(version), and what is damaged is read only where it is \(Schema.version)",
          remedy: "keep a copy of the file, and repair it with the version that wrote it")
      }
    } catch {
      throw StoreError(error, path: path)
    }
  }

  /// Runs `body` on one state of the database.
  func reading<Result>(_ body: (Database) throws -> Result) throws(StoreError) -> Result {
    do {
      return try queue.inDatabase { db in
        try db.run("BEGIN")
        defer { if db.isInsideTransaction { try? db.run("ROLLBACK") } }
        return try body(db)
      }
    } catch {
      throw StoreError(error, path: path)
    }
  }

  /// Closes the file.
  func close() throws(StoreError) {
    do {
      try queue.close()
    } catch {
      throw StoreError(error, path: path)
    }
  }
}
