internal import GRDB

extension Store {
  /// What SQLite finds wrong in the file itself.
  func fileFaults() throws(StoreError) -> [String] {
    try reading { db in try Self.fileFaults(db) }
  }

  /// What SQLite finds wrong in the file of a database, one sentence each; and first, where it gives up, which tables it cannot read.
  static func fileFaults(_ db: Database) throws -> [String] {
    var (found, isWhole) = try integrityCheck(db, "\(faultsMax)")
    if !isWhole {
      found.append("SQLite cannot check all of it")
      // A virtual table has no tree of its own; those that it is made of are in the list.
      let tables = try String.fetchAll(
        db, sql: "SELECT name FROM sqlite_schema WHERE type = 'table' AND rootpage > 0 ORDER BY name")
      let unreadable = try tables.filter { try !integrityCheck(db, $0.quotedDatabaseIdentifier).isWhole }
      found = unreadable.map { "the table \($0), or an index of it, cannot be read to its end" } + found
    }
    return found.map { "the file itself: \($0)" }
  }

  /// So many faults SQLite looks for.
  private static let faultsMax = 10

  /// What `PRAGMA integrity_check` finds, of all or of one table, and whether it comes to its end: where it meets what it cannot read it
  /// says so in a row, passes over the page, or fails. O(bytes of what is checked).
  private static func integrityCheck(
    _ db: Database, _ argument: String
  ) throws -> (rows: [String], isWhole: Bool) {
    var (found, isWhole): ([String], Bool) = ([], true)
    do {
      let cursor = try String.fetchCursor(db, sql: "PRAGMA integrity_check(\(argument))")
      while let row = try cursor.next() {
        if row == malformed { return (found, false) }
        if row != "ok" { found.append(row.replacing("\n", with: " ")) }
        isWhole = isWhole && !row.contains(unreadable)
      }
    } catch let error as DatabaseError where error.resultCode.primaryResultCode == .SQLITE_CORRUPT {
      return (found, false)
    }
    return (found, isWhole)
  }

  /// SQLite's words for a page that it cannot read.
  private static let unreadable = "returns error code"
  /// SQLite's words for a file that it cannot read on.
  private static let malformed = "database disk image is malformed"
}
