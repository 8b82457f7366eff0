public import AnabranchCore
internal import AnabranchWire
internal import GRDB

extension Store {
  /// Every conversation, the trash included, with a hash of all that was done to it and its messages: two histories that have the same
  /// one show the same. The one written last comes first; what was purged is left out. O(conversations + messages that have
  /// something of their own, such as a pin).
  public func fingerprints() throws(StoreError) -> [(id: ObjectID, fingerprint: Digest)] {
    try reading { db in
      let order = try Int64.fetchAll(
        db, sql: "SELECT key FROM conversation WHERE \(ConversationRow.existing) ORDER BY updated DESC, key DESC")
      var sums = Dictionary(uniqueKeysWithValues: order.map { ($0, StateHash()) })
      let rows = try db.all("SELECT \(ConversationRow.columns) FROM conversation") { _ in
      } _: {
        try ConversationRow($0)
      }
      for row in rows {
        // What is done to a message, words apart, is summed up under its own name.
        let holders = sums[row.key] == nil ? try db.conversations(of: row.key, state) : [row.key]
        for holder in holders { sums[holder]?.add(row.fingerprint) }
      }
      return try order.map { (try ObjectID(key: $0, logs: state, db), (sums[$0] ?? StateHash()).digest) }
    }
  }
}
