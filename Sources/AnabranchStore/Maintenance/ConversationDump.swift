internal import AnabranchCore
internal import AnabranchWire
internal import GRDB

/// All rows that the views keep of a conversation, in a form that is the same in every database: names in place of keys.
struct ConversationDump: Hashable {
  let created: Int64?
  let source: OperationID?
  let messages: Int64
  let updated: Int64
  let trashed: Bool?
  let purged: Bool
  let hidden: Bool
  let tips: Set<[ObjectID]>
  let activity: Set<OperationID>
  let rows: [[String]]
  let texts: [TextDump]
  let fingerprint: Digest

  /// What differs in another one, in a word each; nothing where there is no other one.
  func differences(from other: ConversationDump?) -> [String] {
    guard let other else { return [] }
    let parts: [(String, Bool)] = [
      ("beginning", created == other.created), ("source", source == other.source),
      ("count", messages == other.messages),
      ("time", updated == other.updated), ("trash", trashed == other.trashed && hidden == other.hidden),
      ("purge", purged == other.purged), ("tips", tips == other.tips), ("activity", activity == other.activity),
      ("messages", rows == other.rows), ("texts", texts == other.texts),
      ("fingerprint", fingerprint == other.fingerprint),
    ]
    return parts.filter { !$0.1 }.map(\.0)
  }
}

extension Store {
  /// Every object that has a row as a conversation, those included that are only referred to; in the order of their keys, which is
  /// mostly that in which they came.
  func conversationNames() throws(StoreError) -> [ObjectID] {
    try reading { db in
      try Int64.fetchAll(db, sql: "SELECT key FROM conversation ORDER BY key").map {
        try ObjectID(key: $0, logs: state, db)
      }
    }
  }

  /// The rows of one conversation; nil where it has none. O(its rows and texts).
  func conversationDump(_ id: ObjectID) throws(StoreError) -> ConversationDump? {
    try reading { db in
      guard let key = try db.key(of: id, state), let row = try ConversationRow.fetch(db, key: key) else { return nil }
      return try ContentReader(db, state).wholeConversation(row, id: id)
    }
  }

  /// Whether the fingerprint that is kept of a conversation is the sum over all that its rows stand for, which is read again from the
  /// log. O(its operations). `recent` are the changes that were read last, for the next conversation: of a large import many need
  /// the same.
  func isFingerprintSummed(
    of id: ObjectID, recent: inout [(key: ChangeKey, change: Change)]
  ) throws(StoreError) -> Bool {
    var known = recent
    defer { recent = known }
    return try reading { db in
      guard let key = try db.key(of: id, state), let row = try ConversationRow.fetch(db, key: key) else { return true }
      let reader = ContentReader(db, state, recent: known)
      defer { known = reader.recent }
      var sum = StateHash()
      for item in try reader.items(of: row, id: id) { sum.add(item.hash) }
      return sum == row.fingerprint
    }
  }
}

extension ContentReader {
  fileprivate func wholeConversation(_ row: ConversationRow, id: ObjectID) throws -> ConversationDump {
    ConversationDump(
      created: row.created, source: try row.source.map { try logs.operation(of: $0) }, messages: row.messages,
      updated: row.updated, trashed: row.trashed, purged: row.purged, hidden: row.hidden ?? false,
      tips: Set(
        try row.tips.map { tip in
          [try ObjectID(key: tip.message, logs: logs, db), try ObjectID(key: tip.line, logs: logs, db)]
        }), activity: Set(try row.activity.map { try logs.operation(of: $0) }),
      rows: try MessageRow.Table.allCases.flatMap { table in
        try MessageRow.fetchAll(db, conversation: row.key, from: table).map { [table.rawValue] + (try describe($0)) }
      }.sorted { $0.lexicographicallyPrecedes($1) },
      texts: try texts(of: row), fingerprint: row.fingerprint.digest)
  }

  private func describe(_ row: MessageRow) throws -> [String] {
    func name(_ key: ObjectKey) throws -> String { try ObjectID(key: key, logs: logs, db).description }
    return [
      try name(row.key), "\(row.role.rawValue)", "\(row.created)", try row.line.map(name) ?? "",
      try row.parents.map(name).joined(separator: " "),
      try row.origin.map { "\(try logs.operation(of: $0))" } ?? "",
    ]
  }

  /// The items of the state that belong to a conversation, read back from its rows.
  func items(of row: ConversationRow, id: ObjectID) throws -> [StateItem] {
    var items = try row.activity.map { StateItem.activity(id, try logs.operation(of: $0)) }
    if let created = row.created { items.append(.conversation(id, created: created)) }
    if let source = row.source, let held = try operation(source),
      case .importConversation(let told) = held.operation.mutation
    {
      items.append(.source(id, told, content: held.operation.contentHash))
    }
    for message in try db.lastRead(in: row.key).values { items.append(.read(id, try logs.operation(of: message))) }
    if row.purged { items += try purgeItems(row.key, id: id) }
    for deletion in try db.deletions(of: row.key, logs) { items.append(.deletion(id, deletion)) }
    items += try valueItems(of: row.key, id: id)
    for table in MessageRow.Table.allCases {
      let edited = try db.messagesEdited(in: row.key, from: table)
      for message in try MessageRow.fetchAll(db, conversation: row.key, from: table) {
        items += try messageItems(message, of: id, isEdited: edited.contains(message.key))
      }
    }
    // Edits of a message that is imported, or not known, are kept under its own name; those of a conversation always.
    let isBodyHere = try row.key < 0 || db.conversation(of: row.key, logs) == nil
    items += try editItems(row.key, id: id) { $0 != .body || isBodyHere }
    if isBodyHere { items += try pastItems(row.key, id: id) + withdrawalItems(row.key, id: id) }
    return items
  }

  private func messageItems(_ row: MessageRow, of conversation: ObjectID, isEdited: Bool) throws -> [StateItem] {
    let id = try ObjectID(key: row.key, logs: logs, db)
    guard let held = try operation(row.definition) else { return [] }
    switch held.operation.mutation {
    case .createMessage(let message):
      let item = StateItem.message(id, of: conversation, message, updated: nil, content: held.operation.contentHash)
      guard isEdited else { return [item] }
      return [item]
        + (try editItems(row.key, id: id) { $0 == .body })
        + (try purgeItems(row.key, id: id)) + (try pastItems(row.key, id: id))
        + (try withdrawalItems(row.key, id: id))
    case .importMessage(let source):
      return [
        .message(
          id, of: conversation, source.base, updated: source.updated, content: held.operation.contentHash)
      ]
    default:
      return []
    }
  }

  private func pastItems(_ object: ObjectKey, id: ObjectID) throws -> [StateItem] {
    try db.redactions(on: object).compactMap { key in
      guard let held = try operation(key), case .purgePast(let purge) = held.operation.mutation else { return nil }
      return .purgePast(held.id, in: id, purge, content: held.operation.contentHash)
    }
  }

  private func withdrawalItems(_ object: ObjectKey, id: ObjectID) throws -> [StateItem] {
    let standing = try db.withdrawals(of: object).compactMap { try operation($0).flatMap(Withdrawal.init) }
    return try standing.map { .withdrawal(id, $0) }
      + db.reinstatements(of: object).map { .reinstatement(id, try logs.operation(of: $0)) }
  }

  private func purgeItems(_ object: ObjectKey, id: ObjectID) throws -> [StateItem] {
    try db.purges(of: object).map { .purge(id, try logs.operation(of: $0)) }
  }

  private func editItems(
    _ object: ObjectKey, id: ObjectID, _ isWanted: (TextKind) -> Bool
  ) throws -> [StateItem] {
    try db.edits(of: object).compactMap { key in
      guard let held = try operation(key), held.operation.mutation.text.map(isWanted) ?? false else { return nil }
      let (time, content) = (held.change.time, held.operation.contentHash)
      switch held.operation.mutation {
      case .appendText(let append): return .append(held.id, to: id, append, time: time, content: content)
      case .editText(let edit): return .edit(held.id, of: id, edit, time: time, content: content)
      default: return nil
      }
    }
  }

  private func valueItems(of key: ObjectKey, id: ObjectID) throws -> [StateItem] {
    var items: [StateItem] = []
    let kinds = try Int64.fetchAll(
      db.cachedStatement(sql: "SELECT DISTINCT register FROM register WHERE object = ?"), arguments: [key])
    for kind in kinds.map({ RegisterKind(rawValue: UInt32(truncatingIfNeeded: $0)) }) {
      for write in try db.register(kind, of: key, logs).live {
        guard let operation = try logs.key(of: write.operation).flatMap({ try operation($0) }) else {
          continue
        }
        items.append(
          .register(
            id, kind, write.operation, time: write.time, content: operation.operation.contentHash))
      }
    }
    let sets = try Int64.fetchAll(
      db.cachedStatement(sql: "SELECT DISTINCT kind FROM element WHERE object = ?"), arguments: [key])
    for kind in sets.map({ SetKind(rawValue: UInt32(truncatingIfNeeded: $0)) }) {
      for addition in try db.additions(kind, of: key) {
        guard let held = try operation(addition) else { continue }
        items.append(.element(id, kind, held.id, content: held.operation.contentHash))
      }
    }
    return items
  }
}

extension Database {
  /// The messages of a conversation that were edited, purged or taken back, in whole or in part.
  fileprivate func messagesEdited(
    in conversation: ObjectKey, from table: MessageRow.Table
  ) throws -> Set<ObjectKey> {
    let tables = ["edit", "purge", "redaction", "withdrawal", "reinstatement"]
    let isIn = tables.map { "EXISTS(SELECT 1 FROM \($0) WHERE object = of.key)" }.joined(separator: " OR ")
    return Set(
      try ofMessages(in: conversation, from: table) {
        "SELECT key FROM \($0) AS of WHERE \(isIn)"
      } _: {
        try $0.integer(0)
      })
  }
}
