internal import AnabranchCore
internal import GRDB

/// Where one message stands in its conversation.
struct MessageRow {
  let key: ObjectKey
  let role: Role
  let created: Int64
  /// Its own key where it starts a line, the named line's, or nil where it continues its first parent's.
  let line: ObjectKey?
  let parents: [ObjectKey]
  /// The import that shows, for an imported message.
  let origin: OperationKey?

  init(
    key: ObjectKey, role: Role, created: Int64, line: ObjectKey?, parents: [ObjectKey], origin: OperationKey?
  ) {
    self.key = key
    self.role = role
    self.created = created
    self.line = line
    self.parents = parents
    self.origin = origin
  }

  /// What ``init(_:)`` reads, in this order.
  static let columns = "key, role, created, line, parent, parents, origin"

  /// A row of ``columns``.
  init(_ columns: Database.Columns) throws {
    key = try columns.integer(0)
    role = Role(rawValue: UInt8(truncatingIfNeeded: try columns.integer(1)))
    created = try columns.integer(2)
    line = try columns.optionalInteger(3)
    if let several = try columns.optionalBytes(5) {
      parents = KeyList.keys(several)
    } else {
      parents = try columns.optionalInteger(4).map { [$0] } ?? []
    }
    origin = try columns.optionalInteger(6).map(OperationKey.init(rawValue:))
  }

  /// The operation that says what the message is: the import that shows, or the message's own.
  var definition: OperationKey {
    origin ?? OperationKey(rawValue: key)
  }

  /// Where messages stand: those that show, and those that were taken back.
  enum Table: String, CaseIterable {
    case message
    case hidden
  }

  static func fetch(
    _ db: Database, conversation: ObjectKey, key: ObjectKey, from table: Table = .message
  ) throws -> MessageRow? {
    if table == .message, let row = try MessageTail.fetch(db, of: conversation)?.row(key) { return row }
    return try fetchFromTable(db, conversation: conversation, key: key, table)
  }

  /// A message in one of the tables: of those that show none that waits for it.
  static func fetchFromTable(
    _ db: Database, conversation: ObjectKey, key: ObjectKey, _ table: Table = .message
  ) throws -> MessageRow? {
    try db.first("SELECT \(columns) FROM \(table.rawValue) WHERE conversation = ? AND key = ?") { values in
      values.add(conversation)
      values.add(key)
    } _: {
      try MessageRow($0)
    }
  }

  /// What finds the messages of a conversation that show one by one, where `tail` are the newest of them: looked through once.
  static func finder(
    _ db: Database, conversation: ObjectKey, tail: MessageTail?
  ) throws -> (ObjectKey) throws -> MessageRow? {
    let newest = Dictionary(try tail?.rows().map { ($0.key, $0) } ?? []) { first, _ in first }
    return { try newest[$0] ?? fetchFromTable(db, conversation: conversation, key: $0) }
  }

  /// The message, whether it shows or was taken back.
  static func fetchAnywhere(_ db: Database, conversation: ObjectKey, key: ObjectKey) throws -> MessageRow? {
    try fetch(db, conversation: conversation, key: key)
      ?? fetch(db, conversation: conversation, key: key, from: .hidden)
  }

  /// All messages of a conversation, in the order of their keys; those that were taken back only from their own table.
  static func fetchAll(
    _ db: Database, conversation: ObjectKey, from table: Table = .message
  ) throws -> [MessageRow] {
    let rows = try db.all("SELECT \(columns) FROM \(table.rawValue) WHERE conversation = ? ORDER BY key") {
      $0.add(conversation)
    } _: {
      try MessageRow($0)
    }
    guard table == .message, let tail = try MessageTail.fetch(db, of: conversation)?.rows() else { return rows }
    let all = (rows + tail).sorted { $0.key < $1.key }
    guard zip(all, all.dropFirst()).allSatisfy({ $0.key < $1.key }) else {
      throw StoreError(.damaged, "a message stands twice in its conversation", remedy: StoreError.repairing)
    }
    return all
  }

  /// What ``bind(to:conversation:)`` gives the values of.
  static func saving(into table: Table) -> String {
    """
    INSERT OR REPLACE INTO \(table.rawValue)(conversation, key, role, created, line, parent, parents, origin)
    VALUES(?, ?, ?, ?, ?, ?, ?, ?)
    """
  }

  func bind(to values: inout Database.Values, conversation: ObjectKey) {
    values.add(conversation)
    values.add(key)
    values.add(Int64(role.rawValue))
    values.add(created)
    values.add(line)
    values.add(parents.first)
    values.add(parents.count > 1 ? KeyList.bytes(parents) : nil)
    values.add(origin?.rawValue)
  }
}

extension ConversationRow {
  /// Computes tips, lines and counts from all messages, the slow way, after something irregular.
  ///
  /// `begun` is when the conversation started. Where all parents are there by now, the conversation is regular
  /// again: no message that is still to come can stand between those that are here.
  mutating func recomputeShape(_ rows: [MessageRow], begun: Int64?) throws {
    let byKey = Dictionary(rows.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
    let graph = ConversationGraph(rows.map(\.key)) { byKey[$0]?.parents ?? [] }
    let line = LineResolver(conversation: key) { byKey[$0] }
    tips = try graph.tips.map { Tip(message: $0, line: try line.line(of: $0)) }
    messages = Int64(rows.count)
    updated = max(begun ?? 0, rows.map(\.created).max() ?? 0)
    irregular = rows.contains { row in row.parents.contains { byKey[$0] == nil } }
  }
}

/// Finds the line a message belongs to by following first parents to where the line starts.
struct LineResolver {
  let conversation: ObjectKey
  /// The row of a message of the conversation; nil for any other key.
  let row: (ObjectKey) throws -> MessageRow?

  init(conversation: ObjectKey, row: @escaping (ObjectKey) throws -> MessageRow?) {
    self.conversation = conversation
    self.row = row
  }

  /// The line of `message`: the conversation itself for its main line. O(distance to the line's start).
  func line(of message: ObjectKey) throws -> ObjectKey {
    var current = message
    var seen: Set<ObjectKey> = []
    while let row = try row(current), seen.insert(current).inserted {
      if let line = row.line { return line }
      let parent = try row.parents.first { try $0 != current && self.row($0) != nil }
      guard let parent else { return conversation }
      current = parent
    }
    return conversation
  }
}
