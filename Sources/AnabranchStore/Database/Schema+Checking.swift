internal import GRDB

/// Whether a file that anybody may have made has our tables.
///
/// SQLite compiles what the list of tables, `sqlite_schema`, says, up to its first semicolon: a view or a trigger there runs when what it
/// is called after is read or written, and never ends if whoever made it wanted so.
extension Schema {
  /// The statement that makes each table of the newest version.
  static let tables: [String: String] = {
    let made = statements.split(separator: ";").map { $0.drop(while: \.isWhitespace) }
      .filter { $0.hasPrefix(table) }.map { (String($0.dropFirst(table.count).prefix { $0 != "(" }), String($0)) }
    return Dictionary(made) { first, _ in first }
  }()

  /// What makes a table whose columns are named, and an index: neither runs anything that does not end.
  private static let (table, indexes) = ("CREATE TABLE ", ["CREATE INDEX ", "CREATE UNIQUE INDEX "])

  /// A statement without what only lays it out.
  static func plain(_ statement: String) -> String {
    statement.filter { !$0.isWhitespace }
  }

  /// Refuses a file that has a view, a trigger or a virtual table that is no part of the search's index; and one of the newest version
  /// whose tables are not those that we make. O(tables).
  static func check(_ db: Database, path: String, version: Int32) throws {
    let made = try Row.fetchAll(db, sql: "SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL").map { row in
      (name: try row.decode(String.self, forColumn: "name"), sql: try row.decode(String.self, forColumn: "sql"))
    }
    let isKnown = { (sql: String) in
      sql.hasPrefix(table) || indexes.contains { sql.hasPrefix($0) } || SearchIndex.makesShard(sql)
    }
    if let stranger = made.first(where: { !isKnown($0.sql) }) {
      throw foreign(path, "has \(shown(stranger.name)) in its list of tables, which no version puts there")
    }
    guard version == Schema.version else { return }
    let found = Set(made.map { plain($0.sql) })
    if let missing = tables.sorted(by: { $0.key < $1.key }).first(where: { !found.contains(plain($0.value)) }) {
      throw foreign(path, "has no table \(missing.key), or another one than this version makes")
    }
  }

  /// Refuses a damaged file in which something would run that is called as a table is, or as a column is, as far as its list of tables can
  /// be read. O(tables).
  static func checkNothingRuns(_ db: Database, path: String) throws {
    let name = try String.fetchOne(
      db,
      sql: """
        SELECT name FROM pragma_table_list
        WHERE schema = 'main' AND (type = 'view' OR type = 'virtual' AND name NOT GLOB 'search_*')
        """)
    if let name { throw StoreError(damaged: path, "\(shown(name)) in its list of tables is no table") }
    let computed = try String.fetchOne(
      db,
      sql: """
        SELECT list.name FROM pragma_table_list AS list, pragma_table_xinfo(list.name) AS field
        WHERE list.schema = 'main' AND list.type = 'table' AND field.hidden > 1
        """)
    if let computed { throw StoreError(damaged: path, "its table \(shown(computed)) has columns that are computed") }
    // A check, or an index, may compute something, too. What SQLite cannot read the definition of is none of its tables.
    let made = try Row.fetchAll(
      db,
      sql: """
        SELECT name, sql FROM sqlite_schema WHERE type = 'table'
          AND name IN (SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table')
        """)
    for row in made {
      guard let name = String.fromDatabaseValue(row[0]), let table = tables[name] else { continue }
      guard let sql = String.fromDatabaseValue(row[1]), plain(sql) == plain(table) else {
        throw StoreError(damaged: path, "its table \(name) is another one than this version makes")
      }
    }
  }

  private static func foreign(_ path: String, _ what: String) -> StoreError {
    StoreError(
      .foreign, "\(path) \(what)",
      remedy: "do not trust the file; ask for another copy, or sync with the device it is of")
  }

  /// A name as a file has it, which may be anything.
  private static func shown(_ name: String) -> String {
    let letters = name.prefix(40).filter { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
    return letters.isEmpty ? "something" : "“\(letters)”"
  }
}

extension Store {
  /// Refuses a file of another program, or one whose tables are not ours, and has SQLite look at the pages that it reads.
  static func checkTables(_ db: Database, path: String, access: Access) throws {
    try db.execute(sql: "PRAGMA cell_size_check = ON")
    let (version, isEmpty) = try checkSchema(db, path: path, access: access)
    if !isEmpty { try Schema.check(db, path: path, version: version) }
  }
}
