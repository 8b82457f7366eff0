public import AnabranchCore
internal import AnabranchWire
internal import GRDB

extension Store {
  /// What the import that shows says of an imported object; nil where none was imported. O(log n).
  ///
  /// `content` is nil where it is not on this device. Lets an import leave out what is here already.
  public func imported(_ id: ObjectID) throws(StoreError) -> (updated: Int64?, content: [UInt8]?)? {
    guard case .imported(let name) = id else { return nil }
    return try reading(onlyRows: true) { db in
      guard let key = try key(ofImported: name, db) else { return nil }
      let shown: OperationKey?
      if let conversation = try db.conversation(of: key, state) {
        shown = try MessageRow.fetch(db, conversation: conversation, key: key)?.origin
      } else {
        shown = try conversationRow(key, db)?.source
      }
      // What is imported again is asked for in the order in which it was written, change by change.
      let reader = ContentReader(db, state, recent: recentChanges)
      defer { recentChanges = reader.recent }
      guard let held = try shown.flatMap({ try reader.operation($0) }) else { return nil }
      let content = try reader.content(of: held).map(Array.init)
      switch held.operation.mutation {
      case .importMessage(let source): return (source.updated, content)
      case .importConversation(let source): return (source.updated, content)
      default: return nil
      }
    }
  }

  /// Whether anybody ever put a conversation into the trash, be it that it came out again. O(log n).
  ///
  /// Lets an import leave alone what was decided here.
  public func wasDeleted(_ id: ObjectID) throws(StoreError) -> Bool {
    try reading { db in
      guard let key = try db.key(of: id, state) else { return false }
      return try ConversationRow.fetch(db, key: key)?.trashed != nil
    }
  }
}
