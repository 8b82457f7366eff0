internal import AnabranchCore
internal import AnabranchWire
internal import GRDB

/// The full-text tables: shards of so many documents each, so that one can be rebuilt, or rid of what was purged,
/// without touching the others.
///
/// Contentless: a shard holds words and where they occur, the text stays in the log. A document's number is its
/// operation's key.
enum SearchIndex {
  /// Documents in a shard.
  static let shardDocumentsMax = 65_536

  static func table(_ shard: Int64) -> String {
    "search_\(shard)"
  }

  static func create(_ table: String, contentless: Bool = true, in db: Database) throws {
    try db.execute(
      sql: """
        CREATE VIRTUAL TABLE \(table) USING fts5(
          text\(contentless ? ", content=''" : ""), tokenize = 'unicode61 remove_diacritics 2')
        """)
  }

  /// The shard that takes the next document, made if there is none or the last one is full.
  static func openShard(in db: Database) throws -> (number: Int64, room: Int) {
    let last = try Row.fetchOne(db, sql: "SELECT number, documents FROM search_shard ORDER BY number DESC LIMIT 1")
    let documents: Int = last?["documents"] ?? 0
    if let last, documents < shardDocumentsMax { return (last["number"], shardDocumentsMax - documents) }
    let number: Int64 = (last?["number"] ?? -1) + 1
    try create(table(number), in: db)
    try db.execute(sql: "INSERT INTO search_shard(number, documents) VALUES(?, 0)", arguments: [number])
    return (number, shardDocumentsMax)
  }

  static func insert(_ document: SearchDocument, into table: String, in db: Database) throws {
    try db.cachedStatement(sql: "INSERT INTO \(table)(rowid, text) VALUES(?, ?)")
      .execute(arguments: [document.key.rawValue, SearchText.marked(document.text).replacing("\0", with: " ")])
  }

  /// Drops all shards; they are filled again from the log.
  static func reset(_ db: Database) throws {
    for number in try Int64.fetchAll(db, sql: "SELECT number FROM search_shard") {
      try db.execute(sql: "DROP TABLE IF EXISTS \(table(number))")
    }
    try db.execute(sql: "DELETE FROM search_shard; UPDATE log SET indexed = 0")
  }
}

/// What is found by itself: the text of one operation.
struct SearchDocument {
  /// The operation.
  let key: OperationKey
  let text: String
}

extension ContentReader {
  /// The documents in one change.
  func documents(in key: ChangeKey) throws -> [SearchDocument] {
    guard let change = try db.change(key, logs) else { return [] }
    return try change.operations.compactMap { operation in
      let key = OperationKey(ordinal: key.ordinal, sequence: key.sequence, index: operation.index)
      let held = HeldOperation(id: logs.operation(of: key), operation: operation, change: change)
      guard let text = try text(of: held), !text.isEmpty else { return nil }
      return SearchDocument(key: key, text: text)
    }
  }

  /// What can be searched of an operation: a message's own text, or appended text.
  func text(of held: HeldOperation) throws -> String? {
    switch held.operation.mutation {
    case .createMessage, .importMessage:
      try content(of: held).flatMap { MessageContent(canonicalBytes: $0)?.text }
    case .appendText:
      held.operation.envelope.content.bytes.flatMap { String(validating: $0, as: UTF8.self) }
    default:
      nil
    }
  }
}
