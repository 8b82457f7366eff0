public import AnabranchCore
internal import AnabranchWire
internal import GRDB

extension Store {
  /// What the import that shows says of an imported object; nil where none was imported. O(log n).
  ///
  /// `content` is nil where it is not on this device, and `isWithdrawn` says whether that import, and every other one, was
  /// taken back. Lets an import leave out what is here already.
  public func imported(
    _ id: ObjectID
  ) throws(StoreError) -> (updated: Int64?, content: [UInt8]?, isWithdrawn: Bool)? {
    guard case .imported(let name) = id else { return nil }
    return try reading(onlyRows: true) { db in
      guard let key = try key(ofImported: name, db) else { return nil }
      let shown: OperationKey?
      if let conversation = try db.conversation(of: key, state) {
        shown = try messageRow(key, in: conversation, db)?.origin
      } else {
        shown = try conversationRow(key, db)?.source
      }
      // What is imported again is asked for in the order in which it was written, change by change.
      let reader = ContentReader(db, state, recent: recentChanges)
      defer { recentChanges = reader.recent }
      guard let held = try shown.flatMap({ try reader.operation($0) }) else { return nil }
      let content = try reader.content(of: held).map(Array.init)
      let isWithdrawn = try db.withdrawals(of: key).contains { withdrawal in
        try reader.operation(withdrawal).flatMap(Withdrawal.init)?.operations.contains(held.id) ?? false
      }
      switch held.operation.mutation {
      case .importMessage(let source): return (source.updated, content, isWithdrawn)
      case .importConversation(let source): return (source.updated, content, isWithdrawn)
      default: return nil
      }
    }
  }

  /// The files that imports attached to a message, whatever became of them since. O(what was done to the message).
  public func knownFiles(of id: ObjectID) throws(StoreError) -> KnownFiles {
    try reading(onlyRows: true) { db in
      var known = KnownFiles()
      guard let key = try db.key(of: id, state) else { return known }
      let reader = ContentReader(db, state)
      let removed = try db.unshown(of: key)
      known.hasPurged = try reader.isPurged(textsOf: key)
      let taken = try db.hasWithdrawals(of: key) ? reader.taken(from: key) : []
      for addition in try db.additions(.attachments, of: key) + removed {
        guard let held = try reader.operation(addition), case .addElement(let add) = held.operation.mutation,
          add.set == .attachments
        else { continue }
        guard let content = db.attachment(by: held.operation), try !reader.isPurged(addition.rawValue) else {
          known.hasPurged = true
          continue
        }
        // What an undo took back may come again.
        guard !taken.contains(held.id) else { continue }
        // An export of ours calls a file by its hash, whatever its source does.
        let names = [content.sourceID, content.blob?.description].compactMap(\.self)
        guard let blob = content.blob else {
          known.toldOf.formUnion(names)
          continue
        }
        if try BlobRow.fetch(db, blob)?.isWhole == true {
          known.brought.formUnion(names)
        } else {
          known.lacking.formUnion(names)
        }
      }
      return known
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

/// The files that were ever attached to a message, by what their source calls them, and by their hashes.
public struct KnownFiles: Hashable, Sendable {
  /// Those whose bytes came along.
  public var brought: Set<String> = []
  /// Those whose bytes came along, and are not on this device, or not all of them.
  public var lacking: Set<String> = []
  /// Those that an import only told of.
  public var toldOf: Set<String> = []
  /// Whether one of them was purged, or the message: importing brings nothing back.
  public var hasPurged = false
}
