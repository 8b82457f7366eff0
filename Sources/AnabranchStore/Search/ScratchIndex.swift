internal import GRDB

/// A full-text table in memory: for what is not in the index yet, and for cutting snippets.
struct ScratchIndex {
  /// A document that matches.
  struct Match {
    let key: OperationKey
    let rank: Double
  }

  private let queue: DatabaseQueue

  init() throws {
    queue = try DatabaseQueue()
    try queue.inDatabase { db in
      try SearchIndex.create("tail", in: db)
      try SearchIndex.create("snippet", contentless: false, in: db)
    }
  }

  /// The documents of `table` that match, the best first.
  static func matches(in table: String, query: String, limit: Int, _ db: Database) throws -> [Match] {
    try Row.fetchAll(
      db.cachedStatement(
        sql: "SELECT rowid, rank FROM \(table) WHERE \(table) MATCH ? ORDER BY rank, rowid LIMIT ?"),
      arguments: [query, limit]
    ).map {
      Match(
        key: OperationKey(rawValue: try $0.decode(forColumn: "rowid")), rank: try $0.decode(forColumn: "rank")
      )
    }
  }

  /// The matches among documents that no index holds yet.
  mutating func search(unindexed documents: [SearchDocument], query: String) throws -> [Match] {
    guard !documents.isEmpty else { return [] }
    return try queue.inDatabase { db in
      try db.inTransaction {
        for document in documents { try SearchIndex.insert(document, into: "tail", in: db) }
        return .commit
      }
      return try Self.matches(in: "tail", query: query, limit: -1, db)
    }
  }

  /// Words around a match in a snippet.
  private static let snippetWords = 24
  /// Where a match starts and ends. Control characters of the text itself are taken out before.
  private static let (open, close): (Unicode.Scalar, Unicode.Scalar) = ("\u{1}", "\u{2}")

  private static func withoutControls(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: { $0.value <= 2 }) else { return text }
    return String(String.UnicodeScalarView(text.unicodeScalars.map { $0.value <= 2 ? " " : $0 }))
  }

  /// A part of `text` around what `query` finds in it, in one line, and where in it the matches are; nil where it
  /// finds nothing.
  mutating func snippet(of text: String, query: String) throws -> (String, [Range<Int>])? {
    let marked = try queue.inDatabase { db in
      try db.execute(sql: "DELETE FROM snippet")
      try db.execute(
        sql: "INSERT INTO snippet(rowid, text) VALUES(1, ?)",
        arguments: [SearchText.marked(Self.withoutControls(text))])
      return try String.fetchOne(
        db, sql: "SELECT snippet(snippet, 0, ?, ?, '…', ?) FROM snippet WHERE snippet MATCH ?",
        arguments: [String(Self.open), String(Self.close), Self.snippetWords, query])
    }
    guard let marked else { return nil }
    var scalars = String.UnicodeScalarView()
    var matches: [Range<Int>] = []
    var (count, start) = (0, 0)
    for scalar in SearchText.unmarked(marked).unicodeScalars {
      switch scalar {
      case Self.open: start = count
      case Self.close:
        if let last = matches.last, last.upperBound == start {
          matches[matches.count - 1] = last.lowerBound..<count
        } else {
          matches.append(start..<count)
        }
      default:
        scalars.append(scalar.properties.isWhitespace ? " " : scalar)
        count += 1
      }
    }
    return (String(scalars), matches)
  }
}
