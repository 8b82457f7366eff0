internal import AnabranchCore
internal import GRDB

/// What the views keep of a text, in a form that is the same in every database.
struct TextDump: Hashable {
  let object: ObjectID
  let text: TextKind
  let root: OperationID?
  let version: Set<OperationID>?
  let count: Int
  let operations: Int
  let isEdited: Bool
  /// How many scalars the writer of each operation saw.
  let countsBefore: [OperationID: Int64?]
  /// What it says.
  let bytes: [UInt8]
  /// Where scalars are absent.
  let absent: [Range<Int>]
  /// Whether every page has the scalars that it is said to have, all together those that the text has, and each operation
  /// a number of its own.
  let isWhole: Bool
}

extension ContentReader {
  /// What the views keep of a conversation's texts, and of its messages' bodies.
  func texts(of row: ConversationRow) throws -> [TextDump] {
    let keys = try db.keptTexts(of: row.key) + db.keptBodies(in: row.key)
    return try keys.compactMap(textDump).sorted { ($0.object, $0.text.rawValue) < ($1.object, $1.text.rawValue) }
  }

  private func textDump(_ key: TextKey) throws -> TextDump? {
    guard let row = try TextRow.fetch(db, key) else { return nil }
    var pages = try PagedText(db, of: key)
    let bytes = try pages.wholeBytes()
    var absent: [Range<Int>] = []
    var place = 0
    var isWhole = row.version == nil || pages.count == row.count
    for page in pages.pages {
      if page.isAbsent { absent.append(place..<place + page.count) }
      place += page.count
      isWhole =
        isWhole && (page.isAbsent || page.bytes.map { String(decoding: $0, as: UTF8.self).scalarCount } == page.count)
    }
    return TextDump(
      object: try ObjectID(key: key.object, logs: logs, db), text: key.text,
      root: try row.root.map { try logs.operation(of: $0) },
      version: try row.version.map { Set(try $0.map { try logs.operation(of: $0) }) }, count: row.count,
      operations: row.operations, isEdited: row.isEdited,
      countsBefore: row.version == nil ? [:] : try countsBefore(of: key), bytes: bytes,
      absent: absent.disjoint, isWhole: try isWhole && hasNumbers(row))
  }

  /// Whether the operations on a text that is kept are numbered from 0.
  private func hasNumbers(_ row: TextRow) throws -> Bool {
    guard row.version != nil else { return true }
    let numbers = try db.all("SELECT number FROM edit WHERE object = ? AND text = ?") {
      row.key.bind(to: &$0)
    } _: {
      try $0.optionalInteger(0) ?? -1
    }
    return numbers.sorted() == (0..<Int64(row.operations)).map { $0 }
  }

  private func countsBefore(of key: TextKey) throws -> [OperationID: Int64?] {
    var counts: [OperationID: Int64?] = [:]
    try db.forEach("SELECT operation, before FROM edit WHERE object = ? AND text = ?") {
      key.bind(to: &$0)
    } _: { columns in
      counts[try logs.operation(of: OperationKey(rawValue: try columns.integer(0)))] = .some(
        try columns.optionalInteger(1))
    }
    return counts
  }
}
