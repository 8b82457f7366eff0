internal import AnabranchCore
internal import GRDB

extension Database {
  /// The operations that say what a purge of `object` takes, chunks apart, in ascending order; for a conversation those
  /// of its messages too. O(what is taken).
  func operations(takenWith object: ObjectKey, _ logs: LogState) throws -> [OperationKey] {
    let conversations = try conversations(of: object, logs)
    let taken =
      try conversations.isEmpty
      ? conversationOperations(object, logs)
      : textsAndValues(of: object) + unshown(of: object) + definitions(of: object, in: conversations)
    return taken.sorted()
  }

  /// What says what a message is, in each conversation that holds it; of several imports those that show.
  private func definitions(of message: ObjectKey, in conversations: [ObjectKey]) throws -> [OperationKey] {
    try conversations.compactMap { try MessageRow.fetch(self, conversation: $0, key: message)?.definition }
  }

  private func conversationOperations(_ conversation: ObjectKey, _ logs: LogState) throws -> [OperationKey] {
    var taken = try textsAndValues(of: conversation) + unshown(of: conversation)
    taken += try keys("SELECT source FROM conversation WHERE key = ? AND source IS NOT NULL", conversation)
    taken += try keys("SELECT coalesce(origin, key) FROM message WHERE conversation = ?", conversation)
    for table in ["edit", "register", "element"] {
      taken += try keys(
        """
        SELECT operation FROM message JOIN \(table) ON object = key WHERE conversation = ?
        """, conversation)
    }
    let others = try keys(
      "SELECT operation FROM message JOIN unshown ON object = key WHERE conversation = ?", conversation)
    // A message that was imported may stand in other conversations too, where it stays.
    return try taken
      + others.filter { key in
        let held = try operation(key, logs)
        guard case .importMessage = held.operation.mutation, let target = held.operation.envelope.target else {
          return true
        }
        return try self.key(of: target, logs) == conversation
      }
  }

  private func textsAndValues(of object: ObjectKey) throws -> [OperationKey] {
    try keys("SELECT operation FROM edit WHERE object = ?", object)
      + keys("SELECT operation FROM register WHERE object = ?", object)
      + keys("SELECT operation FROM element WHERE object = ?", object)
  }

  private func unshown(of object: ObjectKey) throws -> [OperationKey] {
    try keys("SELECT operation FROM unshown WHERE object = ?", object)
  }

  private func keys(_ sql: String, _ object: ObjectKey) throws -> [OperationKey] {
    try all(sql) {
      $0.add(object)
    } _: {
      OperationKey(rawValue: try $0.integer(0))
    }
  }
}
