internal import AnabranchCore
internal import GRDB

extension Database {
  /// The operations that say what a purge of `object` takes, chunks apart, in ascending order; for a conversation those
  /// of its messages too. O(what is taken).
  func operations(takenWith object: ObjectKey, _ logs: LogState) throws -> [OperationKey] {
    if try kind(of: object, logs) == .attachment { return [OperationKey(rawValue: object)] }
    let conversations = try conversations(of: object, logs)
    let taken =
      try conversations.isEmpty
      ? conversationOperations(object, logs)
      : textsAndValues(of: object) + unshown(of: object) + definitions(of: object, in: conversations)
    return taken.sorted()
  }

  /// What an object is; a conversation, where it is only referred to.
  func kind(of object: ObjectKey, _ logs: LogState) throws -> ObjectKind {
    if object >= 0,
      case .addElement(let add)? = try operationIfHeld(OperationKey(rawValue: object), logs)?.operation.mutation,
      add.set == .attachments
    {
      return .attachment
    }
    return try conversations(of: object, logs).isEmpty ? .conversation : .message
  }

  /// The operations whose content a purge of the past takes: the one it names; and of the purges of that one those that
  /// kept something another takes, if some purge kept nothing of the kind: else what stays would be lost with them.
  ///
  /// Nothing, as long as no purge is here with what stays; and nothing for one that names what it cannot take.
  func operations(
    takenWith past: PurgePast, on object: ObjectKey, _ reader: ContentReader
  ) throws -> [OperationKey] {
    guard let key = reader.logs.key(of: past.operation), let held = try reader.operation(key),
      past.count == held.operation.mutation.scalarCount
    else { return [] }
    let purges = try reader.redactions(of: held, on: object)
    guard purges.contains(where: { $0.content != nil }) else { return [] }
    let gone = purges.flatMap(\.purge.gone).disjoint
    let isClean = purges.contains { $0.purge.gone == gone && $0.content != nil }
    return [key] + (isClean ? purges.filter { $0.purge.gone != gone }.map(\.key) : [])
  }

  /// The operations by which the index may know a message, or a conversation's notes and draft.
  func documents(about message: ObjectKey, _ logs: LogState) throws -> [OperationKey] {
    let conversations = try conversations(of: message, logs)
    return try definitions(of: message, in: conversations) + unshown(of: message)
      + edits(of: message)
  }

  /// What says what a message is, in each conversation that holds it; of several imports those that show.
  private func definitions(of message: ObjectKey, in conversations: [ObjectKey]) throws -> [OperationKey] {
    try conversations.compactMap { try MessageRow.fetchAnywhere(self, conversation: $0, key: message)?.definition }
  }

  private func conversationOperations(_ conversation: ObjectKey, _ logs: LogState) throws -> [OperationKey] {
    var taken = try textsAndValues(of: conversation) + unshown(of: conversation)
    taken += try keys("SELECT source FROM conversation WHERE key = ? AND source IS NOT NULL", conversation)
    var others: [OperationKey] = []
    for messages in MessageRow.Table.allCases {
      taken += try MessageRow.fetchAll(self, conversation: conversation, from: messages).map(\.definition)
      for (table, column) in Self.listed {
        taken += try done(toMessagesIn: conversation, messages) {
          "SELECT \(column) FROM \($0) JOIN \(table) ON object = key"
        }
      }
      others += try done(toMessagesIn: conversation, messages) {
        "SELECT operation FROM \($0) JOIN unshown ON object = key"
      }
    }
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

  private func done(
    toMessagesIn conversation: ObjectKey, _ table: MessageRow.Table, _ statement: (String) -> String
  ) throws -> [OperationKey] {
    try ofMessages(in: conversation, from: table, statement) { OperationKey(rawValue: try $0.integer(0)) }
  }

  private func textsAndValues(of object: ObjectKey) throws -> [OperationKey] {
    try Self.listed.flatMap { try keys("SELECT \($0.column) FROM \($0.table) WHERE object = ?", object) }
  }

  /// The views that list operations on an object, and the column that names them; also what does not count.
  private static let listed: [(table: String, column: String)] = [
    ("edit", "operation"), ("register", "operation"), ("element", "operation"), ("redaction", "purge"),
    ("uncounted", "operation"),
  ]
}
