public import AnabranchCore
internal import AnabranchWire
internal import GRDB

/// A place where a search found something.
public struct SearchHit: Hashable, Sendable {
  /// The conversation.
  public var conversation: ObjectID
  /// Its title; nil where nobody gave one.
  public var title: String?
  /// The message.
  public var message: ObjectID
  /// Who speaks there.
  public var role: Role
  /// When it was written, milliseconds since 1970.
  public var created: Int64
  /// A part of the text around what was found, in one line.
  public var snippet: String
  /// The parts of ``snippet`` that match, as offsets in Unicode scalars.
  public var matches: [Range<Int>]
  /// How good the hit is; the least is the best.
  public var rank: Double
}

extension Store {
  /// The messages in which all words of `typed` occur, the best first; those in the trash are left out.
  ///
  /// Always complete: what is not indexed yet is searched in memory. Words in quotation marks are a phrase, and
  /// `word*`, as the last word unless a space follows it, stands for every word that starts so. A query without a
  /// word finds nothing.
  public func search(_ typed: String, limit: Int = 20) throws(StoreError) -> [SearchHit] {
    guard let query = SearchText.query(typed), limit > 0 else { return [] }
    return try reading { db in
      let reader = ContentReader(db, state)
      var scratch = try ScratchIndex()
      var found = try scratch.search(unindexed: try Self.tail(reader), query: query)
      for shard in try Int64.fetchAll(db, sql: "SELECT number FROM search_shard") {
        found += try ScratchIndex.matches(in: SearchIndex.table(shard), query: query, limit: limit * 4, db)
      }
      found.sort { ($0.rank, $0.key) < ($1.rank, $1.key) }

      var hits: [SearchHit] = []
      var seen: Set<ObjectID> = []
      for match in found {
        guard hits.count < limit else { break }
        guard let hit = try self.hit(match, query: query, reader, &scratch), seen.insert(hit.message).inserted
        else { continue }
        hits.append(hit)
      }
      return hits
    }
  }

  /// The documents of changes that are not indexed yet.
  private static func tail(_ reader: ContentReader) throws -> [SearchDocument] {
    let indexed = try Int64.fetchAll(reader.db, sql: "SELECT indexed FROM log ORDER BY ordinal")
    var documents: [SearchDocument] = []
    for (ordinal, (record, last)) in zip(reader.logs.records, indexed).enumerated() {
      guard last < Int64(record.head.sequence) else { continue }
      for sequence in last + 1...Int64(record.head.sequence) {
        documents += try reader.documents(in: ChangeKey(ordinal: ordinal, sequence: UInt32(sequence)))
      }
    }
    return documents
  }

  /// The hit at an operation, or nil where its message is hidden or says something else by now.
  private func hit(
    _ match: ScratchIndex.Match, query: String, _ reader: ContentReader, _ scratch: inout ScratchIndex
  ) throws -> SearchHit? {
    guard let held = try reader.operation(match.key), let target = held.operation.envelope.target,
      let text = try reader.text(of: held)
    else { return nil }
    let message: ObjectID
    switch held.operation.mutation {
    case .createMessage: message = .native(held.id)
    case .importMessage(let source): message = .imported(source.message)
    case .appendText: message = target
    default: return nil
    }
    let db = reader.db
    guard let key = try db.key(of: message, state), let conversation = try db.conversation(of: key, state),
      let row = try MessageRow.fetch(db, conversation: conversation, key: key),
      let whole = try ConversationRow.fetch(db, key: conversation), whole.exists, whole.trashed != true
    else { return nil }
    if case .importMessage = held.operation.mutation, row.origin != match.key { return nil }
    let summary = try reader.summary(whole)
    let (snippet, matches) = try scratch.snippet(of: text, query: query)
    return SearchHit(
      conversation: summary.id, title: summary.title, message: message, role: row.role, created: row.created,
      snippet: snippet, matches: matches, rank: match.rank)
  }
}
