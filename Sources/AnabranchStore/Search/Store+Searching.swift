public import AnabranchCore
internal import AnabranchWire
internal import GRDB

/// A place where a search found something.
public struct SearchHit: Hashable, Sendable {
  /// The conversation.
  public var conversation: ObjectID
  /// Its title; nil where nobody gave one.
  public var title: String?
  /// Where in it: in what a message says, in its notes, or in its draft.
  public var text: TextKind
  /// The message; nil for notes and drafts.
  public var message: ObjectID?
  /// Who speaks there; nil for notes and drafts.
  public var role: Role?
  /// When the message was written, or for notes and drafts the last one of the conversation, milliseconds since 1970.
  public var created: Int64
  /// A part of the text around what was found, in one line.
  public var snippet: String
  /// The parts of ``snippet`` that match, as offsets in Unicode scalars.
  public var matches: [Range<Int>]
  /// How good the hit is; the least is the best.
  public var rank: Double
}

extension Store {
  /// The messages, notes and drafts in which all words of `typed` occur, as they read now, the best first; those in the
  /// trash are left out.
  ///
  /// Always complete: what is not indexed yet is searched in memory. Words in quotation marks are a phrase, and
  /// `word*`, as the last word unless a space follows it, stands for every word that starts so. A query without a
  /// word finds nothing.
  public func search(_ typed: String, limit: Int = 20) throws(StoreError) -> [SearchHit] {
    guard let query = SearchText.query(typed), limit > 0 else { return [] }
    return try reading { db in
      var search = try RunningSearch(query: query, limit: limit, ContentReader(showing: db, state))
      return try search.hits()
    }
  }
}

/// One search, within one reading of the database.
private struct RunningSearch {
  let query: String
  let limit: Int
  let reader: ContentReader
  private var scratch: ScratchIndex
  /// What a document that matches comes to, so that going deeper looks at each once.
  private var resolved: [OperationKey: [SearchHit]] = [:]

  init(query: String, limit: Int, _ reader: ContentReader) throws {
    self.query = query
    self.limit = limit
    self.reader = reader
    scratch = try ScratchIndex()
  }

  /// Matches of a shard that are looked at first: some of them may be in the trash, or say something else by now.
  private static let depthMin = 64
  /// So many times as deep is looked where that was not enough.
  private static let depthFactor = 8

  /// What is shown once, however many documents are about it.
  private struct Place: Hashable {
    let conversation: ObjectID
    let message: ObjectID?
    let text: TextKind
  }

  mutating func hits() throws -> [SearchHit] {
    let shards = try Int64.fetchAll(reader.db, sql: "SELECT number FROM search_shard ORDER BY number")
    let tail = try scratch.search(unindexed: try unindexed(), query: query)
    var depth = max(Self.depthMin, min(limit, Int(Int32.max) / Self.depthFactor))
    while true {
      var found = tail
      // Beyond the worst match of a shard that was not read to its end, that shard may have better ones.
      var horizon = Double.infinity
      for shard in shards {
        let matches = try ScratchIndex.matches(
          in: SearchIndex.table(shard), query: query, limit: depth, reader.db)
        if matches.count == depth, let last = matches.last { horizon = min(horizon, last.rank) }
        found += matches
      }
      found.sort { ($0.rank, $0.key) < ($1.rank, $1.key) }
      let hits = try hits(among: found.prefix { $0.rank <= horizon })
      if hits.count == limit || horizon == .infinity { return hits }
      depth *= Self.depthFactor
    }
  }

  private mutating func hits(among found: some Sequence<ScratchIndex.Match>) throws -> [SearchHit] {
    var hits: [SearchHit] = []
    var seen: Set<Place> = []
    for match in found {
      for hit in try resolve(match)
      where seen.insert(Place(conversation: hit.conversation, message: hit.message, text: hit.text)).inserted {
        hits.append(hit)
        if hits.count == limit { return hits }
      }
    }
    return hits
  }

  /// The documents of changes that are not indexed yet, and of the open one.
  private func unindexed() throws -> [SearchDocument] {
    let indexed = try SearchIndex.indexed(reader.db, reader.logs)
    var documents: [SearchDocument] = []
    for (ordinal, (record, last)) in zip(reader.logs.records, indexed).enumerated() {
      guard last < record.head.sequence else { continue }
      for sequence in last + 1...record.head.sequence {
        documents += try reader.documents(in: ChangeKey(ordinal: ordinal, sequence: sequence))
      }
    }
    return documents + (try reader.openDocuments())
  }

  /// The hits at a document: none where its message is hidden or says something else by now.
  private mutating func resolve(_ match: ScratchIndex.Match) throws -> [SearchHit] {
    if let known = resolved[match.key] { return known }
    var hits: [SearchHit] = []
    if let place = try reader.place(of: match.key) {
      for conversation in place.conversations {
        let hit =
          try place.key.text == .body
          ? hit(place.key.object, in: conversation, rank: match.rank) : hit(place.key, rank: match.rank)
        if let hit { hits.append(hit) }
      }
    }
    resolved[match.key] = hits
    return hits
  }

  private mutating func hit(
    _ message: ObjectKey, in conversation: ObjectKey, rank: Double
  ) throws -> SearchHit? {
    let db = reader.db
    guard let row = try MessageRow.fetch(db, conversation: conversation, key: message),
      let whole = try ConversationRow.fetch(db, key: conversation), whole.exists, whole.trashed != true,
      let held = try reader.operation(row.definition),
      let text = try reader.message(message, held: held)?.text,
      let (snippet, matches) = try scratch.snippet(of: text, query: query)
    else { return nil }
    let summary = try reader.summary(whole)
    return SearchHit(
      conversation: summary.id, title: summary.title, text: .body,
      message: try ObjectID(key: message, logs: reader.logs, db),
      role: row.role, created: row.created, snippet: snippet, matches: matches, rank: rank)
  }

  /// The hit in the notes or the draft of a conversation.
  private mutating func hit(_ key: TextKey, rank: Double) throws -> SearchHit? {
    guard let whole = try ConversationRow.fetch(reader.db, key: key.object), whole.exists, whole.trashed != true,
      try !reader.isPurged(key.object),
      let (snippet, matches) = try scratch.snippet(of: reader.words(key.text, of: key.object), query: query)
    else { return nil }
    let summary = try reader.summary(whole)
    return SearchHit(
      conversation: summary.id, title: summary.title, text: key.text, message: nil, role: nil, created: whole.updated,
      snippet: snippet, matches: matches, rank: rank)
  }
}
