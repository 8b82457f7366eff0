internal import Foundation
internal import GRDB
internal import GRDBSQLite

/// The database that is open does not go by its name any more.
struct FileMoved: Error {}

/// A file that was moved away, or removed, while it is open: another one may stand under its name.
extension Store {
  /// The error of a write into a file that nobody would find again.
  static func moved(_ path: String) -> StoreError {
    StoreError(
      .io, "\(path) was moved away, or another file was put in its place, while it was in use; nothing was written",
      remedy: "start the program again: it goes on with the file that is there then")
  }

  /// Takes a new file its name: it is there for one connection alone, and goes with it. SQLite writes no file without a name that has a
  /// journal beside it; and what is removed need not be written twice.
  static func takeName(of path: String, _ db: Database) throws {
    unlink(path)
    try db.execute(sql: "PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF")
  }

  /// Whether the database does not go by its name any more: what is written there is found by nobody who looks for it. False where
  /// the file system cannot tell.
  package var isMoved: Bool {
    !isNameless && (try? reading(onlyRows: true) { $0.isMoved() }) ?? false
  }

  /// Moves what the write-ahead log holds into the database, if that was moved away: the log goes by the old name, and would be taken for
  /// that of another file there (SQLite, "How To Corrupt An SQLite Database File", 4.2).
  func emptyLogIfMoved() {
    guard access != .read, !isNameless else { return }
    try? queue.inDatabase { db in
      if db.isMoved() { _ = try db.checkpoint(.truncate) }
    }
  }
}

extension Database {
  /// Whether the file that is open is not the one of its name any more; false where none is, and where the file system cannot tell.
  func isMoved() -> Bool {
    // A store may be closed twice.
    guard let connection = sqliteConnection else { return false }
    var isMoved: CInt = 0
    return sqlite3_file_control(connection, "main", SQLITE_FCNTL_HAS_MOVED, &isMoved) == SQLITE_OK && isMoved != 0
  }
}
