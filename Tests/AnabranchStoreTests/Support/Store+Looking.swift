import GRDB

@testable import AnabranchStore

extension Store {
  /// How many rows each table has.
  func rowCounts() throws -> [String: Int] {
    try queue.inDatabase { db in
      let tables = try String.fetchAll(
        db,
        sql: "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'search!_%' ESCAPE '!'")
      var counts: [String: Int] = [:]
      for table in tables { counts[table] = try Int.fetchOne(db, sql: "SELECT count(*) FROM \(table)") }
      return counts
    }
  }
}

extension TemporaryFolder {
  /// Changes a file behind the store's back, or reads it.
  func sqlite<Result>(_ name: String = "history.sqlite", _ body: (Database) throws -> Result) throws -> Result {
    let queue = try DatabaseQueue(path: file(name))
    defer { try? queue.close() }
    return try queue.writeWithoutTransaction(body)
  }
}
