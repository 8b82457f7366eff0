internal import AnabranchCore
internal import GRDB
internal import GRDBSQLite

/// What runs for every message talks to SQLite without a detour: to make a row or a list of arguments costs more than
/// the statement itself.
extension Database {
  /// Whether a transaction is open that nothing has undone.
  var isInTransaction: Bool {
    sqlite3_get_autocommit(sqliteConnection) == 0
  }

  /// Runs a statement that returns nothing. `bind` gives its values, in order.
  func run(_ sql: String, _ bind: (inout Values) -> Void = { _ in }) throws {
    try step(sql, bind) { _ in false }
  }

  /// The first row that a statement returns; nil if there is none.
  func first<Result>(
    _ sql: String, _ bind: (inout Values) -> Void, _ read: (Columns) throws -> Result
  ) throws -> Result? {
    var result: Result?
    try step(sql, bind) { columns in
      result = try read(columns)
      return false
    }
    return result
  }

  /// What `read` makes of every row that a statement returns.
  func all<Result>(
    _ sql: String, _ bind: (inout Values) -> Void, _ read: (Columns) throws -> Result
  ) throws -> [Result] {
    var results: [Result] = []
    try step(sql, bind) { columns in
      results.append(try read(columns))
      return true
    }
    return results
  }

  /// Passes every row that a statement returns.
  func forEach(_ sql: String, _ bind: (inout Values) -> Void, _ read: (Columns) throws -> Void) throws {
    try step(sql, bind) { columns in
      try read(columns)
      return true
    }
  }

  /// Passes the rows that a statement returns, until `read` wants no more.
  func forEachUntil(_ sql: String, _ bind: (inout Values) -> Void, _ read: (Columns) throws -> Bool) throws {
    try step(sql, bind, read)
  }

  /// Runs a statement that returns nothing, kept by who runs it: to find it again by its text takes a while.
  func run(_ kept: KeptStatement, _ bind: (inout Values) -> Void) throws {
    try step(kept.prepared(by: self), kept.sql, bind) { _ in false }
  }

  /// The same with `bytes` as the last value, which SQLite reads where they are.
  func run(_ kept: KeptStatement, last bytes: [UInt8], _ bind: (inout Values) -> Void) throws {
    try bytes.withUnsafeBytes { bytes in
      try step(kept.prepared(by: self), kept.sql) { values in
        bind(&values)
        values.add(bytes, Values.lent)
      } _: { _ in
        false
      }
    }
  }

  /// Runs a statement until it ends, or `take` wants no more rows.
  private func step(_ sql: String, _ bind: (inout Values) -> Void, _ take: (Columns) throws -> Bool) throws {
    var prepared = try cachedStatement(sql: sql)
    if sqlite3_stmt_busy(prepared.sqliteStatement) != 0 { prepared = try makeStatement(sql: sql) }
    try step(prepared, sql, bind, take)
  }

  private func step(
    _ prepared: Statement, _ sql: String, _ bind: (inout Values) -> Void, _ take: (Columns) throws -> Bool
  ) throws {
    let statement = prepared.sqliteStatement
    defer {
      sqlite3_reset(statement)
      withExtendedLifetime(prepared) {}
    }
    var values = Values(statement: statement)
    bind(&values)
    guard values.code == SQLITE_OK else { throw error(values.code, sql) }
    while true {
      switch sqlite3_step(statement) {
      case SQLITE_ROW: if try !take(Columns(statement: statement)) { return }
      case SQLITE_DONE: return
      case let code: throw error(code, sql)
      }
    }
  }

  private func error(_ code: Int32, _ sql: String) -> DatabaseError {
    DatabaseError(
      resultCode: ResultCode(rawValue: code), message: String(cString: sqlite3_errmsg(sqliteConnection)), sql: sql)
  }

  /// A statement that somebody keeps, for one connection, as long as that is open.
  final class KeptStatement {
    fileprivate let sql: String
    private var statement: Statement?

    init(_ sql: String) {
      self.sql = sql
    }

    fileprivate func prepared(by db: Database) throws -> Statement {
      if let statement { return statement }
      let prepared = try db.makeStatement(sql: sql)
      statement = prepared
      return prepared
    }
  }

  /// The values of a statement's parameters, one after the other.
  struct Values {
    fileprivate let statement: SQLiteStatement
    fileprivate var code = SQLITE_OK
    private var count: Int32 = 0

    fileprivate init(statement: SQLiteStatement) {
      self.statement = statement
    }

    mutating func add(_ value: Int64?) {
      count += 1
      if let value {
        note(sqlite3_bind_int64(statement, count, value))
      } else {
        note(sqlite3_bind_null(statement, count))
      }
    }

    mutating func add(_ value: Bool?) {
      add(value.map { $0 ? 1 : 0 } as Int64?)
    }

    mutating func add(_ bytes: [UInt8]?) {
      guard let bytes else { return add(nil as Int64?) }
      bytes.withUnsafeBytes { add($0) }
    }

    mutating func add(_ bytes: Bytes16) {
      bytes.withUnsafeBytes { add($0) }
    }

    mutating func add(_ digest: Digest) {
      digest.withUnsafeBytes { add($0) }
    }

    fileprivate mutating func add(
      _ bytes: UnsafeRawBufferPointer, _ keeping: sqlite3_destructor_type? = Self.copied
    ) {
      count += 1
      note(
        bytes.isEmpty
          ? sqlite3_bind_zeroblob(statement, count, 0)
          : sqlite3_bind_blob64(statement, count, bytes.baseAddress, UInt64(bytes.count), keeping))
    }

    /// Adds text, which has no U+0000.
    mutating func add(text: String) {
      count += 1
      var text = text
      text.withUTF8 { bytes in
        bytes.withMemoryRebound(to: CChar.self) { bytes in
          note(
            sqlite3_bind_text64(
              statement, count, bytes.baseAddress, UInt64(bytes.count), Self.copied, UInt8(SQLITE_UTF8)))
        }
      }
    }

    private mutating func note(_ code: Int32) {
      if self.code == SQLITE_OK { self.code = code }
    }

    /// Has SQLite take a copy of what is bound.
    private static let copied = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
    /// Has it read what is bound where that is, as long as the statement runs.
    fileprivate static let lent: sqlite3_destructor_type? = nil
  }

  /// The columns of the row that a statement is at. Throws ``StoreError/Code/damaged`` where one holds what no version
  /// writes.
  struct Columns {
    fileprivate let statement: SQLiteStatement

    func integer(_ index: Int32) throws -> Int64 {
      guard let value = try optionalInteger(index) else { throw Self.damaged }
      return value
    }

    func optionalInteger(_ index: Int32) throws -> Int64? {
      switch sqlite3_column_type(statement, index) {
      case SQLITE_INTEGER: sqlite3_column_int64(statement, index)
      case SQLITE_NULL: nil
      default: throw Self.damaged
      }
    }

    func bytes(_ index: Int32) throws -> [UInt8] {
      guard let bytes = try optionalBytes(index) else { throw Self.damaged }
      return bytes
    }

    /// Passes the bytes of a column, which are there as long as the row is.
    func withBytes<Result>(_ index: Int32, _ body: (UnsafeRawBufferPointer) throws -> Result) throws -> Result {
      // Whether the bytes are what they should be, who reads them can tell, and name it.
      switch sqlite3_column_type(statement, index) {
      case SQLITE_BLOB, SQLITE_TEXT: break
      default: throw Self.damaged
      }
      let start = sqlite3_column_blob(statement, index)
      return try body(UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(statement, index))))
    }

    func optionalBytes(_ index: Int32) throws -> [UInt8]? {
      switch sqlite3_column_type(statement, index) {
      // Whether the bytes are what they should be, who reads them can tell, and name it.
      case SQLITE_BLOB, SQLITE_TEXT:
        let start = sqlite3_column_blob(statement, index)
        return Array(UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(statement, index))))
      case SQLITE_NULL: return nil
      default: throw Self.damaged
      }
    }

    private static let damaged = StoreError(
      .damaged, "a column of the database holds what no version writes",
      remedy: StoreError.repairing)
  }
}
