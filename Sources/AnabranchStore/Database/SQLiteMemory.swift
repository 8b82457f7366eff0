internal import CSQLiteOptions

/// What SQLite notes of the memory that it takes, for which nobody here asks.
enum SQLiteMemory {
  /// Has it note nothing in this process: that takes a lock for each piece, of which a batch needs thousands. Where something else in
  /// the process used SQLite before, all stays as it was.
  static let uncounted: Void = { _ = sqlite_count_no_memory() }()
}
