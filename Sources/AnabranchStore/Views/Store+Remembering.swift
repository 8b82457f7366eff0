internal import AnabranchCore
internal import GRDB

/// What the views have, where some of it may not be written yet.
extension Store {
  /// A conversation as a whole, as it stands now; nil where nobody ever referred to it.
  func conversationRow(_ key: ObjectKey, _ db: Database) throws -> ConversationRow? {
    guard let viewWriter, let known = viewWriter.known(key) else { return try ConversationRow.fetch(db, key: key) }
    guard known.irregular else { return known }
    try viewWriter.finish(logs: state)
    return viewWriter.known(key)
  }

  /// The key of an imported object that has one.
  func key(ofImported id: Bytes16, _ db: Database) throws -> ObjectKey? {
    if let viewWriter { try viewWriter.key(heldOf: id) } else { try db.key(ofImported: id) }
  }

  /// A message, whether it shows or was taken back, as it stands now.
  func messageRow(_ key: ObjectKey, in conversation: ObjectKey, _ db: Database) throws -> MessageRow? {
    try viewWriter?.newest(key, in: conversation)
      ?? MessageRow.fetchAnywhere(db, conversation: conversation, key: key)
  }
}
