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
      var documents: [SearchDocument] = []
      var left = limit
      for (ordinal, record) in state.records.enumerated() where left > 0 {
        let from = try Int64.fetchOne(
          db.cachedStatement(sql: "SELECT indexed FROM log WHERE ordinal = ?"), arguments: [ordinal])
        let first = (from ?? 0) + 1
        let last = min(Int64(record.head.sequence), first + Int64(left) - 1)
        guard first <= last else { continue }
        for sequence in first...last {
          documents += try reader.documents(in: ChangeKey(ordinal: ordinal, sequence: UInt32(sequence)))
          if documents.count >= Self.documentsGathered {
            try index(documents, db)
            documents = []
          }
        }
        left -= Int(last - first) + 1
        try db.cachedStatement(sql: "UPDATE log SET indexed = ? WHERE ordinal = ?")
          .execute(arguments: [last, ordinal])
      }
      try index(documents, db)
    }
    return try unindexed() > 0
  }

  /// Documents that are kept in memory, after those of one change, before they are put into the index.
  private static let documentsGathered = 100

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
      let indexed = try Int64.fetchAll(db.cachedStatement(sql: "SELECT indexed FROM log ORDER BY ordinal"))
      return zip(state.records, indexed).reduce(0) { $0 + UInt64(max(0, Int64($1.0.head.sequence) - $1.1)) }
    }
  }
}
