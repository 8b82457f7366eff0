public import AnabranchCore
internal import AnabranchWire
internal import GRDB

extension Store {
  /// When somebody last wrote something that shows in a conversation, milliseconds since 1970 on the writers' hybrid
  /// clocks; nil where all of it was imported. O(logs).
  ///
  /// Counts its start, messages, edits of its texts and theirs, sealed or not, registers, tags and restoring. Leaves out
  /// imports, whose sources have times of their own, and deletions.
  public func lastChange(of id: ObjectID) throws(StoreError) -> Int64? {
    try reading { db in
      guard let key = try db.key(of: id, state), let row = try ConversationRow.fetch(db, key: key) else { return nil }
      var operations = row.activity
      // Imported messages have keys below zero, so none of them lies in the range of a log.
      for ordinal in state.records.indices {
        let keys = OperationKey.range(ofOrdinal: ordinal)
        let last = try Int64.fetchOne(
          db.cachedStatement(sql: "SELECT max(key) FROM message WHERE conversation = ? AND key BETWEEN ? AND ?"),
          arguments: [key, keys.lowerBound, keys.upperBound])
        if let last { operations.append(OperationKey(rawValue: last)) }
      }
      let reader = ContentReader(db, state)
      var times = try operations.compactMap { try reader.operation($0)?.change.time }
      let open = try reader.openChange.get()
      if let time = open.time {
        let isHere = try open.operations.keys.contains { text in
          try text.text == .body ? db.conversations(of: text.object, state).contains(key) : text.object == key
        }
        if isHere { times.append(time) }
      }
      return times.max()?.milliseconds
    }
  }
}
