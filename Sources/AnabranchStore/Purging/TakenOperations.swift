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

  /// The operations whose content a purge of the past takes: the one it names; and of the purges of that one those that
  /// kept something another takes, if some purge kept nothing of the kind: else what stays would be lost with them.
  func operations(takenWith past: PurgePast, _ logs: LogState) throws -> [OperationKey] {
    let key = try logs.heldKey(of: past.operation)
    guard let count = try operation(key, logs).operation.mutation.scalarCount, past.count == count else { return [] }
    let purges = try redactions(of: key).compactMap { key -> (key: OperationKey, gone: [Range<Int>])? in
      guard case .purgePast(let purge) = try operation(key, logs).operation.mutation, purge.count == count else {
        return nil
      }
      return (key, purge.gone)
    }
    let gone = purges.flatMap(\.gone).disjoint
    let clean = purges.filter { $0.gone == gone }
    return [key] + (clean.isEmpty ? [] : purges.filter { $0.gone != gone }.map(\.key))
  }

  /// The operations by which the index may know a message; none for anything else.
  func documents(about message: ObjectKey, _ logs: LogState) throws -> [OperationKey] {
    let conversations = try conversations(of: message, logs)
    return try definitions(of: message, in: conversations) + unshown(of: message)
      + edits(of: .body, of: message)
  }

  /// What says what a message is, in each conversation that holds it; of several imports those that show.
  private func definitions(of message: ObjectKey, in conversations: [ObjectKey]) throws -> [OperationKey] {
    try conversations.compactMap { try MessageRow.fetch(self, conversation: $0, key: message)?.definition }
  }

  private func conversationOperations(_ conversation: ObjectKey, _ logs: LogState) throws -> [OperationKey] {
    var taken = try textsAndValues(of: conversation) + unshown(of: conversation)
    taken += try keys("SELECT source FROM conversation WHERE key = ? AND source IS NOT NULL", conversation)
    taken += try keys("SELECT coalesce(origin, key) FROM message WHERE conversation = ?", conversation)
    for (table, column) in Self.listed {
      taken += try keys(
        "SELECT \(column) FROM message JOIN \(table) ON object = key WHERE conversation = ?", conversation)
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
    try Self.listed.flatMap { try keys("SELECT \($0.column) FROM \($0.table) WHERE object = ?", object) }
  }

  /// The views that list operations on an object, and the column that names them.
  private static let listed: [(table: String, column: String)] = [
    ("edit", "operation"), ("register", "operation"), ("element", "operation"), ("redaction", "purge"),
  ]

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
