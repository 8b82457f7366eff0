public import AnabranchCore
internal import AnabranchWire
internal import GRDB

/// A text as it reads at one version of it.
public struct TextRecord: Hashable, Sendable {
  /// What it says, as far as that is there.
  public let text: String
  /// How many Unicode scalars it has, those included that are not there.
  public let count: Int
  /// What an edit of it names as seen.
  public let version: [OperationID]
}

extension Store {
  /// A text of an object: the body of a message, or what people wrote together about a conversation. Empty where
  /// nobody wrote anything; nil where there is no such object. O(text).
  public func text(_ text: TextKind, of object: ObjectID) throws(StoreError) -> TextRecord? {
    try reading { db in
      guard let key = try db.key(of: object, state) else { return nil }
      return try ContentReader(db, state).record(of: text, ofHeld: key)
    }
  }

  /// What a text says with what others are writing right now, `words`, which is not stored and names nothing that is;
  /// nil where there is no such object. No edit may name what it saw of these. O(history of the text).
  public func reading(
    of text: TextKind, of object: ObjectID, with words: [TextOperation]
  ) throws(StoreError) -> String? {
    try reading { db in
      guard let key = try db.key(of: object, state) else { return nil }
      let reader = ContentReader(db, state)
      reader.words = [TextKey(object: key, text: text): words]
      return try reader.text(text, ofHeld: key)?.document.text
    }
  }

  /// The conversation that an object is, or that a message lies in; nil where there is no such object.
  public func conversation(around object: ObjectID) throws(StoreError) -> ObjectID? {
    if let found = try message(object)?.conversation { return found }
    return try summary(of: object) == nil ? nil : object
  }

  /// What a text said after each change to it that is sealed; nil where there is no such object. O(history of the text).
  public func revisions(of text: TextKind, of object: ObjectID) throws(StoreError) -> TextRevisions? {
    try reading { db in
      guard let key = try db.key(of: object, state) else { return nil }
      let reader = ContentReader(db, state)
      guard let held = try reader.text(text, ofHeld: key) else { return nil }
      let sealed = try held.operations.compactMap { operation -> (operation: TextOperation, time: HybridTime)? in
        guard let key = state.key(of: operation.id), let time = try reader.operation(key)?.change.time else {
          return nil
        }
        return (operation, time)
      }
      return TextRevisions(base: held.base, sealed)
    }
  }

  /// Where what operations on a text of an object inserted was before, as far as undos brought it again: these, and those that
  /// inserted it before them. O(operations).
  public func lineage(
    of operations: [OperationID], on object: ObjectID
  ) throws(StoreError) -> [OperationID: [TextOrigin]] {
    try reading { db in try ContentReader(db, state).lineage(of: operations, on: object) }
  }

  /// Edits a text, of which the writer saw `version`, durable when this returns; in the open change, which it opens if
  /// there is none. Returns the version that holds these edits and what they were made on.
  ///
  /// Edits that follow those made last join them; see ``append(_:to:salt:wall:)`` for when they are sealed. A version
  /// that was read while the last edits were open is not to be used for others: seal before reading, or go on with the
  /// version returned. `edits` insert at most 256 KiB. Throws ``StoreError/Code/notFound`` where there is no such object.
  public func edit(
    _ edits: TextEdits, of text: TextKind, in object: ObjectID, seen version: [OperationID], salt: Bytes16, wall: Int64
  ) throws(StoreError) -> [OperationID] {
    guard !edits.isEmpty else { return version }
    // Who goes on typing has been asked before.
    if state.open?.drafts.last?.target != object, try !hasText(text, of: object) {
      throw StoreError(.notFound, "there is no \(text == .body ? "message" : "conversation") \(object)")
    }
    let edit = EditText(text: text, predecessors: version, edits: edits.edits)
    let content: Content =
      edits.inserted.isEmpty ? .none : .present(salt: salt, bytes: Array(edits.inserted.utf8)[...])
    let draft = Draft(kind: .editText, target: object, mutation: .editText(edit), content: content)
    return [try append(draft, wall: wall)]
  }
}

extension Store {
  /// Whether there is an object that has such a text.
  private func hasText(_ text: TextKind, of object: ObjectID) throws(StoreError) -> Bool {
    try reading { db in
      guard let key = try db.key(of: object, state) else { return false }
      guard text == .body else { return try db.hasConversation(key) }
      let reader = ContentReader(db, state)
      return try reader.place(ofMessage: key) != nil && !reader.isPurged(textsOf: key)
    }
  }
}

extension ContentReader {
  /// A text of the object at `key` as it reads; nil where there is no such object.
  fileprivate func record(of text: TextKind, ofHeld key: ObjectKey) throws -> TextRecord? {
    if let current = try currentText(TextKey(object: key, text: text)) {
      var version = current.heads
      if text == .body {
        guard let (_, row) = try place(ofMessage: key) else { return nil }
        if version.isEmpty { version = [try logs.operation(of: row.definition)] }
      } else if try !db.hasConversation(key) {
        return nil
      }
      return TextRecord(text: current.text, count: current.count, version: version)
    }
    return try self.text(text, ofHeld: key).map { held in
      TextRecord(text: held.document.text, count: held.document.count, version: held.heads)
    }
  }

  /// A text of the object at `key`, with all that was done to it; nil where there is no such object.
  func text(_ text: TextKind, ofHeld key: ObjectKey) throws -> HeldText? {
    guard text == .body else { return try db.hasConversation(key) ? self.text(text, of: key) : nil }
    guard let (_, row) = try place(ofMessage: key), let held = try operation(row.definition), try !isPurged(key, held)
    else { return nil }
    return try body(of: key, held: held)
  }
}

extension Database {
  fileprivate func hasConversation(_ key: ObjectKey) throws -> Bool {
    try ConversationRow.fetch(self, key: key)?.exists ?? false
  }
}
