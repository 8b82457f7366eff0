public import AnabranchCore
internal import AnabranchStore

/// What a person sorts conversations by.
extension Replica {
  /// Gives a conversation a tag. Where it has it that is said again, so that nobody takes it away who has not heard of this; at
  /// most eight times.
  public func addTag(_ tag: String, to conversation: ObjectID) throws(AnabranchError) {
    try add(tag, to: .tags, of: conversation)
  }

  /// Takes a tag from a conversation: every addition of it that is seen here. Throws
  /// ``AnabranchError/Code/notFound`` where it has no such tag.
  public func removeTag(_ tag: String, from conversation: ObjectID) throws(AnabranchError) {
    try remove(tag, called: "tag", from: .tags, of: conversation)
  }

  /// Puts a conversation into a folder, beside those it lies in; where it lies there, as ``addTag(_:to:)`` does. A folder is a name,
  /// and exists as long as something lies in it.
  public func addFolder(_ folder: String, to conversation: ObjectID) throws(AnabranchError) {
    try add(folder, to: .folders, of: conversation)
  }

  /// Takes a conversation out of a folder: every time it was put there that is seen here. Throws
  /// ``AnabranchError/Code/notFound`` where it does not lie there.
  public func removeFolder(_ folder: String, from conversation: ObjectID) throws(AnabranchError) {
    try remove(folder, called: "folder", from: .folders, of: conversation)
  }

  /// So often a word is added to a conversation at most until it is taken away: a program that says it every hour fills no log.
  package static let additionsMax = 8

  private func add(_ word: String, to set: SetKind, of conversation: ObjectID) throws(AnabranchError) {
    try checkExists(conversation)
    try checkLength(Array(word.utf8))
    try write { (writer, store) throws(StoreError) in
      let standing = try store.elements(of: set, on: conversation).additions(of: Array(word.utf8))
      guard standing.count < Self.additionsMax else { return }
      try writer.add(word, to: set, of: conversation)
      _ = try writer.flush()
    }
    notify(conversation)
  }

  private func remove(
    _ word: String, called kind: String, from set: SetKind, of conversation: ObjectID
  ) throws(AnabranchError) {
    try checkExists(conversation)
    let seen = try withStore { (store) throws(StoreError) in
      try store.elements(of: set, on: conversation).additions(of: Array(word.utf8))
    }
    guard !seen.isEmpty else {
      throw AnabranchError(
        .notFound, "conversation \(conversation) has no \(kind) “\(word)”",
        remedy: "see `anabranch show \(conversation)` for those it has")
    }
    try write { (writer, _) throws(StoreError) in
      try writer.add(
        Draft(
          kind: .removeElement, target: conversation,
          mutation: .removeElement(RemoveElement(set: set, additions: seen))))
      _ = try writer.flush()
    }
    notify(conversation)
  }
}

extension DraftWriter {
  mutating func add(_ word: String, to set: SetKind, of conversation: ObjectID) throws(StoreError) {
    try add(
      Draft(
        kind: .addElement, target: conversation, mutation: .addElement(AddElement(set: set)),
        content: content(Array(word.utf8))))
  }
}
