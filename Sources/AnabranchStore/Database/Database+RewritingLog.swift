internal import CSQLiteOptions
internal import GRDB
internal import GRDBSQLite

extension Database {
  /// Leaves the write-ahead log as it is when the connection closes, or not.
  ///
  /// For a connection that met a failed fsync: the system may have dropped from its memory what was written and not
  /// kept, so that the log's pages are not those any more that this connection knows of. Copied into the database,
  /// they would destroy it. Whoever opens it next reads the log anew and takes what its checksums bear out.
  func keepLogOnClose(_ isKept: Bool) throws {
    try check(sqlite_keep_log_on_close(sqliteConnection, isKept ? 1 : 0))
  }

  /// Writes the write-ahead log once more, as it is, and presses it onto the disk. O(its size): at most some
  /// megabytes after a crash, nothing after a good end.
  ///
  /// Where an fsync failed, the system shows what was written and takes it for written, so no later fsync brings it
  /// to the disk. An earlier process that met this left a log that reads well and has a hole on the disk: whatever is
  /// committed after the hole would be lost with the power (Rebello et al., "Can Applications Recover from fsync
  /// Failures?", 2020). Written again, it is pending again, and the fsync that follows covers all of it.
  func rewriteLog() throws {
    var pointer: UnsafeMutablePointer<sqlite3_file>?
    try check(sqlite3_file_control(sqliteConnection, "main", SQLITE_FCNTL_JOURNAL_POINTER, &pointer))
    guard let file = pointer, let methods = file.pointee.pMethods?.pointee else { return }
    var size: sqlite3_int64 = 0
    try check(methods.xFileSize(file, &size))
    guard size > 0 else { return }
    var buffer = [UInt8](repeating: 0, count: Self.pieceBytes)
    var position: sqlite3_int64 = 0
    while position < size {
      let count = Int32(min(size - position, sqlite3_int64(Self.pieceBytes)))
      try check(methods.xRead(file, &buffer, count, position))
      try check(methods.xWrite(file, buffer, count, position))
      position += sqlite3_int64(count)
    }
    try check(methods.xSync(file, SQLITE_SYNC_FULL))
  }

  /// What is read and written at a time: SQLite's own pages are at most that large, and its file system takes no more
  /// than twice as much at once.
  private static let pieceBytes = 1 << 16

  /// Throws unless SQLite says that all is well.
  func check(_ code: Int32) throws {
    guard code == SQLITE_OK else { throw DatabaseError(resultCode: ResultCode(rawValue: code)) }
  }
}
