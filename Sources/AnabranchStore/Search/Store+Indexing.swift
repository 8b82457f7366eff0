internal import AnabranchCore
internal import GRDB

extension Store {
  /// Indexes up to `limit` more changes for the search, in one transaction; false once nothing is left.
  ///
  /// A step of its own rather than a part of each write: in batches an index costs a fraction. What is not indexed
  /// yet is found all the same, more slowly.
  public func indexStep(limit: Int = 1_000) throws(StoreError) -> Bool {
    guard try unindexed() > 0 else { return false }
    try transaction { db, state in
      let reader = ContentReader(db, state)
      var (documents, bytes): ([SearchDocument], Int) = ([], 0)
      var left = limit
      for (ordinal, from) in try SearchIndex.indexed(db, state).enumerated() where left > 0 {
        let head = state.records[ordinal].head.sequence
        let last = UInt32(min(UInt64(head), UInt64(from) + UInt64(left)))
        guard from < last else { continue }
        for sequence in (from + 1)...last {
          let found = try reader.documents(in: ChangeKey(ordinal: ordinal, sequence: sequence))
          documents += found
          bytes += found.reduce(0) { $0 + $1.text.utf8.count }
          if bytes >= Self.bytesGathered || documents.count >= Self.documentsGathered {
            try index(documents, db)
            (documents, bytes) = ([], 0)
          }
        }
        left -= Int(last - from)
        try db.run("UPDATE log SET indexed = ? WHERE ordinal = ?") { values in
          values.add(Int64(last))
          values.add(Int64(ordinal))
        }
      }
      try index(documents, db)
    }
    return try unindexed() > 0
  }

  /// Bytes of documents, and documents, that are gathered before they are put into the index.
  private static let (bytesGathered, documentsGathered) = (1 << 20, 100)

  /// Empties the index: ``indexStep(limit:)`` fills it again from the log, and until then searches read that.
  package func dropIndex() throws(StoreError) {
    try transaction { db, _ in try SearchIndex.reset(db) }
  }

  private func index(_ documents: [SearchDocument], _ db: Database) throws {
    var pending = documents[...]
    while !pending.isEmpty {
      let shard = try SearchIndex.openShard(shardDocumentsMax, in: db)
      let batch = pending.prefix(shard.room)
      pending = pending.dropFirst(batch.count)
      for document in batch {
        try SearchIndex.insert(document, into: SearchIndex.table(shard.number), in: db)
      }
      try db.cachedStatement(sql: "UPDATE search_shard SET documents = documents + ? WHERE number = ?")
        .execute(arguments: [batch.count, shard.number])
    }
  }

  /// How many changes are not indexed yet.
  public func unindexed() throws(StoreError) -> UInt64 {
    try reading { db in
      let indexed = try SearchIndex.indexed(db, state)
      return zip(state.records, indexed).reduce(0) { $0 + UInt64($1.0.head.sequence - $1.1) }
    }
  }
}
