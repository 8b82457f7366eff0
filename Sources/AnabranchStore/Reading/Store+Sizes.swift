internal import GRDB

extension Store {
  /// How many bytes lie in the rows of the log, packed as they are, and in the pages of the texts that the views keep.
  /// O(changes + pages).
  package func storedBytes() throws(StoreError) -> (log: Int64, texts: Int64) {
    try reading { db in
      let log = try Int64.fetchOne(db, sql: "SELECT coalesce(sum(length(bytes)), 0) FROM change") ?? 0
      let texts = try Int64.fetchOne(db, sql: "SELECT coalesce(sum(length(bytes)), 0) FROM page") ?? 0
      return (log, texts)
    }
  }
}
