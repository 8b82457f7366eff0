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
    try db.execute(sql: statement(making: table, contentless: contentless))
  }

  private static func statement(making table: String, contentless: Bool) -> String {
    """
    CREATE VIRTUAL TABLE \(table) USING fts5(
      text\(contentless ? ", content=''" : ""),
      tokenize = "unicode61 remove_diacritics 2 categories 'L* N* Co Mn Mc'")
    """
  }

  /// Whether a statement of the list of tables makes a shard, under whatever number.
  static func makesShard(_ statement: String) -> Bool {
    let table = statement.dropFirst("CREATE VIRTUAL TABLE ".count).prefix { $0 != " " }
    return table.hasPrefix("search_") && table.dropFirst("search_".count).allSatisfy { ("0"..."9").contains($0) }
      && Schema.plain(statement) == Schema.plain(Self.statement(making: String(table), contentless: true))
  }

  /// The shard that takes the next document, made if there is none or the last one is full.
  static func openShard(_ documentsMax: Int, in db: Database) throws -> (number: Int64, room: Int) {
    let last = try Row.fetchOne(
      db, sql: "SELECT number, documents FROM search_shard ORDER BY number DESC LIMIT 1")
    let documents = try last?.decode(Int.self, forColumn: "documents") ?? 0
    let newest = try last?.decode(Int64.self, forColumn: "number")
    if let newest, documents < documentsMax { return (newest, documentsMax - documents) }
    let number = (newest ?? -1) + 1
    try drop(table(number), in: db)
    try create(table(number), in: db)
    try db.execute(sql: "INSERT INTO search_shard(number, documents) VALUES(?, 0)", arguments: [number])
    return (number, documentsMax)
  }

  /// Drops a shard, or what a disk that altered the list of tables, or the list of shards, has left of one.
  private static func drop(_ table: String, in db: Database) throws {
    try db.execute(sql: "DROP TABLE IF EXISTS \(table)")
    for part in ["data", "idx", "content", "docsize", "config"] {
      try db.execute(sql: "DROP TABLE IF EXISTS \(table)_\(part)")
    }
  }

  static func insert(_ document: SearchDocument, into table: String, in db: Database) throws {
    var text = SearchText.marked(document.text)
    // A text would end at its first U+0000.
    if text.utf8.contains(0) { text = text.replacing("\0", with: " ") }
    try db.run("INSERT INTO \(table)(rowid, text) VALUES(?, ?)") { values in
      values.add(document.key.rawValue)
      values.add(text: text)
    }
  }

  /// How far each log is indexed, by ordinal: never further than it is held, whatever stands in the table.
  static func indexed(_ db: Database, _ logs: LogState) throws -> [UInt32] {
    let kept = try db.all("SELECT indexed FROM log ORDER BY ordinal") { _ in
    } _: {
      try $0.integer(0)
    }
    return logs.records.enumerated().map { ordinal, record in
      guard kept.indices.contains(ordinal) else { return 0 }
      return UInt32(clamping: min(max(0, kept[ordinal]), Int64(record.head.sequence)))
    }
  }

  /// Drops all shards; they are filled again from the log.
  static func reset(_ db: Database) throws {
    for number in try Int64.fetchAll(db, sql: "SELECT number FROM search_shard") {
      try drop(table(number), in: db)
    }
    try db.execute(sql: "DELETE FROM search_shard; UPDATE log SET indexed = 0")
  }
}

/// What is found by itself: a message, or the notes or the draft of a conversation, as of one of the operations on it.
///
/// What is done to a text makes another document of all of it, since words, and words next to each other, are looked for
/// in the whole rather than in one piece of it. The earlier one stays, and finds less.
struct SearchDocument {
  /// The operation.
  let key: OperationKey
  let text: String
}

extension ContentReader {
  /// The documents in one change.
  func documents(in key: ChangeKey) throws -> [SearchDocument] {
    guard let change = try decode(key) else { return [] }
    return try change.operations.compactMap { operation in
      let key = OperationKey(ordinal: key.ordinal, sequence: key.sequence, index: operation.index)
      let held = HeldOperation(id: try logs.operation(of: key), operation: operation, change: change)
      guard let text = try searchText(of: held, key), !text.isEmpty else { return nil }
      return SearchDocument(key: key, text: text)
    }
  }

  /// The documents of text that is not sealed yet.
  func openDocuments() throws -> [SearchDocument] {
    try openChange.get().operations.sorted { $0.key < $1.key }.compactMap { text, operations in
      guard let key = operations.last.flatMap({ logs.key(of: $0.id) }) else { return nil }
      let text = try searchText(of: text)
      return text.isEmpty ? nil : SearchDocument(key: key, text: text)
    }
  }

  /// What a message says as of an operation that wrote, imported or continued it; nil for any other.
  private func searchText(of held: HeldOperation, _ key: OperationKey) throws -> String? {
    let message: ObjectKey?
    switch held.operation.mutation {
    case .createMessage: message = key.rawValue
    case .importMessage(let source): message = try db.key(of: .imported(source.message), logs)
    case .appendText, .editText:
      guard let text = held.operation.mutation.text,
        let target = try held.operation.envelope.target.flatMap({ try db.key(of: $0, logs) })
      else {
        return nil
      }
      let edited = TextKey(object: target, text: text)
      // What was built on since makes a document itself, of the same words.
      if let version = try TextRow.fetch(db, edited)?.version, !version.isEmpty, !version.contains(key) { return nil }
      return try searchText(of: edited)
    default: return nil
    }
    guard let message else { return nil }
    return try self.message(message, held: held)?.text
  }

  /// What a text says now that is searched: the body of a message in each conversation that holds it, or the notes or the
  /// draft of a conversation.
  private func searchText(of key: TextKey) throws -> String {
    switch key.text {
    case .body: try texts(of: key.object).joined(separator: "\n")
    case .notes, .draft: try isPurged(key.object) ? "" : words(key.text, of: key.object)
    default: ""
    }
  }

  /// What an object says by now: a message under the name of what defines it, notes and a draft under that of the last
  /// operation on them. Also a message that was taken back, which may come again: a search leaves out what does not show.
  func documents(about object: ObjectKey) throws -> [SearchDocument] {
    var documents: [SearchDocument] = []
    if let conversation = try db.conversation(of: object, logs) {
      guard let row = try MessageRow.fetchAnywhere(db, conversation: conversation, key: object) else { return [] }
      let text = try texts(of: object).joined(separator: "\n")
      documents = [SearchDocument(key: row.definition, text: text)]
    } else {
      for key in try db.keptTexts(of: object) {
        guard let last = try TextRow.fetch(db, key)?.version?.last else { continue }
        documents.append(SearchDocument(key: last, text: try searchText(of: key)))
      }
    }
    return documents.filter { !$0.text.isEmpty }
  }

  /// What a message says, in each conversation that holds it.
  private func texts(of message: ObjectKey) throws -> [String] {
    try db.conversations(of: message, logs).compactMap { conversation in
      guard let row = try MessageRow.fetchAnywhere(db, conversation: conversation, key: message),
        let held = try operation(row.definition)
      else { return nil }
      return try self.message(message, held: held)?.text
    }
  }

  /// The text that a document is about, and the conversations in which it shows what the document has.
  func place(of document: OperationKey) throws -> (key: TextKey, conversations: [ObjectKey])? {
    func place(of key: TextKey) throws -> (key: TextKey, conversations: [ObjectKey]) {
      (key, try key.text == .body ? db.conversations(of: key.object, logs) : [key.object])
    }
    guard let held = try operation(document) else {
      let open = try openChange.get().operations.first { $0.value.contains { logs.key(of: $0.id) == document } }
      return try open.map { try place(of: $0.key) }
    }
    guard let target = held.operation.envelope.target, let target = try db.key(of: target, logs) else {
      return nil
    }
    switch held.operation.mutation {
    case .createMessage: return (TextKey(object: document.rawValue, text: .body), [target])
    case .importMessage(let source):
      return try db.key(of: .imported(source.message), logs).map { (TextKey(object: $0, text: .body), [target]) }
    case .appendText, .editText:
      return try held.operation.mutation.text.map { try place(of: TextKey(object: target, text: $0)) }
    default: return nil
    }
  }
}
