internal import CSQLiteOptions

/// What SQLite notes of the memory that it takes, for which nobody here asks.
public enum SQLiteMemory {
  /// Has SQLite note nothing of it from now on: that takes a lock for each piece, of which a batch of writes needs thousands.
  ///
  /// For the whole process, and for its start, before any thread uses SQLite: a program calls this, and no library. Too late it does
  /// nothing.
  public static func stopCounting() {
    _ = sqlite_count_no_memory()
  }
}
