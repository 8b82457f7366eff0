internal import GRDB

extension SearchIndex {
  /// Those of `documents` that `table` has.
  static func present(_ documents: [OperationKey], in table: String, _ db: Database) throws -> [OperationKey] {
    try documents.filter { document in
      try db.first("SELECT 1 FROM \(table)_docsize WHERE id = ?") {
        $0.add(document.rawValue)
      } _: { _ in
        true
      } ?? false
    }
  }

  /// Takes documents out of a shard. Their words stay in its file until its parts are merged: ``merge(_:begun:in:)``.
  ///
  /// To take a document out, FTS5 has to be told what was put in. That is read back from the shard's own lists of words,
  /// since the log may say something else by now. False, and nothing is changed, where these words would be cut otherwise
  /// than they were. O(shard).
  static func remove(_ documents: [OperationKey], from table: String, in db: Database) throws -> Bool {
    let words = try words(of: documents, in: table, db)
    guard try areCutAlike(words) else { return false }
    for document in documents {
      try db.run("INSERT INTO \(table)(\(table), rowid, text) VALUES('delete', ?, ?)") { values in
        values.add(document.rawValue)
        values.add(text: words[document]?.joined(separator: " ") ?? "")
      }
    }
    return true
  }

  /// The words of documents, in order.
  private static func words(
    of documents: [OperationKey], in table: String, _ db: Database
  ) throws -> [OperationKey: [String]] {
    try db.execute(
      sql: """
        CREATE TEMP TABLE removed(id INTEGER PRIMARY KEY);
        CREATE VIRTUAL TABLE temp.words USING fts5vocab(main, \(table), instance);
        """)
    for document in documents {
      try db.run("INSERT OR IGNORE INTO temp.removed(id) VALUES(?)") { $0.add(document.rawValue) }
    }
    var words: [OperationKey: [(offset: Int64, word: String)]] = [:]
    let found = try Row.fetchCursor(
      db, sql: #"SELECT doc, "offset", term FROM temp.words WHERE doc IN temp.removed"#)
    while let row = try found.next() {
      let document = OperationKey(rawValue: try row.decode(atIndex: 0))
      // A mark by itself is a word without letters.
      let word = try row.decode(String?.self, atIndex: 2) ?? ""
      words[document, default: []].append((try row.decode(atIndex: 1), word))
    }
    try db.execute(sql: "DROP TABLE temp.words; DROP TABLE temp.removed")
    return words.mapValues { $0.sorted { $0.offset < $1.offset }.map(\.word) }
  }

  /// Whether FTS5 cuts these words, one after the other, into themselves.
  private static func areCutAlike(_ words: [OperationKey: [String]]) throws -> Bool {
    let queue = try DatabaseQueue()
    return try queue.inDatabase { db in
      try create("cut", in: db)
      try db.execute(sql: "CREATE VIRTUAL TABLE words USING fts5vocab(cut, instance)")
      try db.inTransaction {
        for (document, words) in words {
          try db.run("INSERT INTO cut(rowid, text) VALUES(?, ?)") { values in
            values.add(document.rawValue)
            values.add(text: words.joined(separator: " "))
          }
        }
        return .commit
      }
      var cut = words.mapValues { _ in 0 }
      let found = try Row.fetchCursor(db, sql: #"SELECT doc, "offset", term FROM words"#)
      while let row = try found.next() {
        let document = OperationKey(rawValue: try row.decode(atIndex: 0))
        let offset: Int = try row.decode(atIndex: 1)
        guard let whole = words[document], whole.indices.contains(offset),
          try whole[offset] == row.decode(String?.self, atIndex: 2) ?? ""
        else { return false }
        cut[document, default: 0] += 1
      }
      return cut.allSatisfy { words[$0.key]?.count == $0.value }
    }
  }

  /// Merges the parts of a shard into one, which no longer has the words of documents that were taken out; a piece of
  /// the work at a time. Returns whether all is done. `begun` is false for the first piece.
  static func merge(_ table: String, begun: Bool, in db: Database) throws -> Bool {
    let before = db.totalChangesCount
    let pages = begun ? mergedPages : -mergedPages
    try db.run("INSERT INTO \(table)(\(table), rank) VALUES('merge', ?)") { $0.add(Int64(pages)) }
    // Every such statement counts as one change itself: https://www.sqlite.org/fts5.html, "The 'merge' Command".
    return begun && db.totalChangesCount - before < 2
  }

  /// Pages that are merged in one piece.
  private static let mergedPages = 500
}
