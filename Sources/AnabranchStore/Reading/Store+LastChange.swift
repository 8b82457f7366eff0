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
      let operations = try row.activity + db.lastMessages(of: key, state)
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
