internal import AnabranchCore
internal import AnabranchWire
internal import Foundation
internal import GRDB

extension Store {
  /// Refuses a file of another program, or of a newer version, and tells what is there. Changes nothing.
  static func checkSchema(
    _ db: Database, path: String, access: Access, newest: Int32 = Schema.version
  ) throws -> (version: Int32, isEmpty: Bool) {
    let version = try Int32.fetchOne(db, sql: "PRAGMA user_version") ?? 0
    let application = try Int32.fetchOne(db, sql: "PRAGMA application_id") ?? 0
    let isEmpty = try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_schema") == 0
    guard application == Schema.applicationID || (isEmpty && access == .create) else {
      guard !isEmpty else {
        throw StoreError(
          .format, "expected \(path) to be a replica's database, but it is empty",
          remedy: "restore a backup, or move the folder away and sync a new replica from another device")
      }
      throw StoreError(
        .format, "expected \(path) to be a replica's database, but another program made it",
        remedy: "check --home, or move the file away")
    }
    guard version > 0 || (version == 0 && isEmpty) else {
      throw StoreError(
        .damaged, "\(path) is damaged: it has schema \(version), which no version writes",
        remedy: StoreError.repairing)
    }
    guard version <= newest else {
      throw StoreError(
        .newer, "\(path) has schema \(version), written by a newer version; this one reads up to \(newest)",
        remedy: "use the newer version, or sync with a new replica of this one")
    }
    return (version, isEmpty)
  }

  /// Brings the schema of `db` to the newest version, or refuses it.
  static func prepareSchema(
    _ db: Database, path: String, access: Access,
    migrations: [@Sendable (Database) throws -> Void] = Schema.migrations
  ) throws {
    let newest = Int32(migrations.count + 1)
    let (version, isEmpty) = try checkSchema(db, path: path, access: access, newest: newest)
    guard version < newest else { return }
    guard access != .read else {
      throw StoreError(
        .older, "\(path) has schema \(version), and this version reads \(newest)",
        remedy: "open it once for writing")
    }
    if !isEmpty { try backUp(db, path: path, version: version) }
    try db.inTransaction(.immediate) {
      do {
        for step in isEmpty ? [Schema.creation] : Array(migrations[Int(version - 1)...]) { try step(db) }
      } catch let error as DatabaseError where error.resultCode == .SQLITE_ERROR {
        throw StoreError(
          .damaged, "\(path) says that it has schema \(version), and its tables are not those (\(error.message ?? ""))",
          remedy:
            "see `anabranch inspect check`; with --repair it keeps the file, and goes on with what is sound of it",
          cause: error)
      }
      try db.execute(sql: "PRAGMA application_id = \(Schema.applicationID)")
      try db.execute(sql: "PRAGMA user_version = \(newest)")
      if isEmpty { try Setting.semanticsLevel.set(Int64(SemanticsLevel.current), in: db) }
      return .commit
    }
  }

  /// Copies the database to a file beside it, named after its schema; a copy of an earlier attempt, which may be
  /// older or not whole, gives way to it.
  private static func backUp(_ db: Database, path: String, version: Int32) throws {
    let copy = "\(path).schema-\(version).backup"
    let partial = copy + ".partial"
    remove(at: partial)
    try db.execute(sql: "VACUUM INTO ?", arguments: [partial])
    remove(at: copy)
    try FileManager.default.moveItem(atPath: partial, toPath: copy)
  }
}

/// Single values that belong to this device and never travel.
enum Setting: String {
  /// The log this replica writes.
  case ownLog = "own log"
  /// The heads that no held change depends on, as of the last write that did not follow all of them.
  case frontier
  /// The last timestamp given or believed, as of the last write that did not follow all heads.
  case clock
  /// The level at which the views were built.
  case semanticsLevel = "semantics level"
  /// What a person calls this device.
  case name
  /// The space it belongs to.
  case space
  /// The space whose roster this device was in, so that it decides what counts.
  case rosterSpace = "roster space"
  /// The devices that let it in.
  case inviters
  /// After a repair: the devices that belonged to the space by what was lost.
  case formerMembers = "former members"
  /// The devices whose rights were all taken by then.
  case formerOutsiders = "former outsiders"
  /// How far logs have to be held again for the roster to tell that itself.
  case awaitedChanges = "awaited changes"
  /// How far logs went that repairs could not keep whole. Called so since the first version that noted it.
  case unkeptChanges = "lost changes"
  /// What the file beside the database has, too, as long as neither was put back from a copy.
  case originMark = "origin mark"
  /// How far logs were written into this database that it writes no more.
  case formerWork = "former work"
  /// The shards of the search's index that still have words of what was purged.
  case shardsToMerge = "shards to merge"
  /// The damaged databases beside this one, kept by repairs, of which all that can be read is here.
  case takenFiles = "taken files"
  /// Whether bytes of files that were given up may lie in the write-ahead log.
  case leftoversInLog = "leftovers in log"

  /// Those that say how far logs go, which they name by their numbers: see ``StoredVector``.
  static let vectors: [Setting] = [.formerWork, .awaitedChanges, .unkeptChanges]

  /// Whether a value is of the kind that it is kept as.
  func isSound(_ value: DatabaseValue) -> Bool {
    switch (self, value.storage) {
    case (_, .blob(let bytes)) where Self.vectors.contains(self): StoredVector(bytes) != nil
    case (.originMark, .string): true
    case (.clock, .int64), (.semanticsLevel, .int64), (.leftoversInLog, .int64): true
    case (.originMark, _), (.clock, _), (.semanticsLevel, _), (.leftoversInLog, _): false
    case (_, .blob): true
    default: false
    }
  }

  /// Whether what is kept of the space this device belongs to is not that whose roster it was in, whatever either is.
  static func contradictSpaces(_ db: Database) throws -> Bool {
    let sql =
      "SELECT EXISTS(SELECT 1 FROM setting WHERE name = ? AND value IS NOT (SELECT value FROM setting WHERE name = ?))"
    return try Bool.fetchOne(db, sql: sql, arguments: [rosterSpace.rawValue, space.rawValue]) ?? false
  }

  func get<Value: DatabaseValueConvertible>(_ type: Value.Type, in db: Database) throws -> Value? {
    try Value.fetchOne(db.cachedStatement(sql: "SELECT value FROM setting WHERE name = ?"), arguments: [rawValue])
  }

  func set(_ value: some DatabaseValueConvertible, in db: Database) throws {
    try db.cachedStatement(
      sql: "INSERT INTO setting(name, value) VALUES(?, ?) ON CONFLICT DO UPDATE SET value = excluded.value"
    ).execute(arguments: [rawValue, value])
  }
}

extension Store {
  /// Settings of which the value is none that any version writes, or contradicts another one.
  func settingFaults() throws(StoreError) -> [String] {
    try reading { db in
      let contradiction =
        try Setting.contradictSpaces(db)
        ? ["this device's setting “\(Setting.space.rawValue)” is not the space that it belonged to"] : []
      return try contradiction
        + Row.fetchAll(db, sql: "SELECT name, value FROM setting ORDER BY name").compactMap { row in
          guard let setting = String.fromDatabaseValue(row[0]).flatMap(Setting.init),
            !setting.isSound(row[1]) || Setting.vectors.contains(setting) && !state.isVector(row[1])
          else { return nil }
          return "this device's setting “\(setting.rawValue)” is not what it can be"
        }
    }
  }
}
