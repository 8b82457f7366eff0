public import AnabranchCore
internal import AnabranchWire
internal import GRDB

extension Store {
  /// Every conversation, the trash included, with a hash of all that was done to it: two histories that have the same one show the
  /// same. The one written last comes first; what was purged is left out. O(conversations).
  public func fingerprints() throws(StoreError) -> [(id: ObjectID, fingerprint: Digest)] {
    try reading { db in
      let rows = try db.all(
        "SELECT \(ConversationRow.columns) FROM conversation WHERE \(ConversationRow.existing) ORDER BY updated DESC, key DESC"
      ) { _ in
      } _: {
        try ConversationRow($0)
      }
      return try rows.map { (try ObjectID(key: $0.key, logs: state, db), $0.fingerprint.digest) }
    }
  }
}
