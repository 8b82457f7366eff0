internal import AnabranchCore
internal import AnabranchWire
internal import GRDB

extension ContentReader {
  func summary(_ row: ConversationRow) throws -> ConversationSummary {
    let id = try ObjectID(key: row.key, logs: logs, db)
    let source = try row.source.flatMap { try operation($0) }
    let content = try source.flatMap { try self.content(of: $0) }.flatMap {
      ConversationContent(canonicalBytes: $0)
    }
    var (created, updated): (Int64?, Int64?) = (row.created, nil)
    if case .importConversation(let told)? = source?.operation.mutation {
      created = created ?? told.created
      updated = told.updated
    }
    let kinds: [RegisterKind] = [.title, .archived, .pinned, .model]
    let registers = try kinds.map { try values(of: $0, on: row.key) }
    let fields = try fields(on: row.key)
    return ConversationSummary(
      id: id, title: registers[0].first.map { $0.text } ?? content?.title, created: created,
      updated: row.updated, messages: Int(row.messages), tips: row.tips.count,
      diverged: row.diverged, conflicts: (registers + fields.map(\.writes)).count { Set($0.map(\.bytes)).count > 1 },
      tags: Self.words(try elements(of: .tags, on: row.key)),
      folders: Self.words(try elements(of: .folders, on: row.key)), fields: fields.compactMap(\.record),
      unread: try unread(in: row.key),
      archived: registers[1].first.map(\.isSet) ?? content?.archived ?? false,
      pinned: registers[2].first.map(\.isSet) ?? content?.pinned ?? false,
      model: registers[3].first.map { $0.text } ?? content?.model, trashed: row.trashed ?? false,
      verbatim: content?.verbatim, current: content?.current.map { .imported($0) }, sourceUpdated: updated)
  }

  /// Each word once, in the order of the bytes: a composed and a decomposed letter are two words, everywhere.
  private static func words(_ set: AddWinsSet<[UInt8]>) -> [String] {
    set.elements.sorted { $0.lexicographicallyPrecedes($1) }.compactMap { String(utf8: $0) }
  }

  /// How many messages of others than a person and this device nobody has read; nil where nobody said how far.
  private func unread(in conversation: ObjectKey) throws -> Int? {
    let read = try db.lastRead(in: conversation)
    guard !read.isEmpty else { return nil }
    let own = logs.own.flatMap { logs.ordinal(of: $0) }
    let spans = logs.records.indices.filter { $0 != own }.map { ordinal in
      let keys = OperationKey.range(ofOrdinal: ordinal)
      return (after: read[ordinal]?.rawValue ?? keys.lowerBound - 1, last: keys.upperBound)
    }
    return try db.messageCount(of: conversation, in: spans, except: .user)
  }

  func values(of register: RegisterKind, on key: ObjectKey) throws -> [RegisterValue] {
    let live = try db.register(register, of: key, logs).live
    return try live.map { write in
      // Whether several conflict depends on what each of them says.
      let held = try logs.key(of: write.operation).flatMap {
        try live.count > 1 ? operation(deciding: $0) : operation($0)
      }
      return RegisterValue(
        operation: write.operation, time: write.time,
        bytes: held?.operation.envelope.content.bytes.map(Array.init))
    }
  }

  /// A set, as far as its elements' bytes are there.
  func elements(of set: SetKind, on key: ObjectKey) throws -> AddWinsSet<[UInt8]> {
    var elements = AddWinsSet<[UInt8]>()
    for key in try db.additions(set, of: key) {
      guard let held = try operation(key), let bytes = held.operation.envelope.content.bytes else { continue }
      elements.add(Array(bytes), by: held.id)
    }
    return elements
  }

  /// The conversations that hold a message, in the order of their identifiers: on all replicas the same.
  func conversationsInOrder(of message: ObjectKey) throws -> [ObjectKey] {
    let conversations = try db.conversations(of: message, logs)
    guard conversations.count > 1 else { return conversations }
    return try conversations.map { (key: $0, id: try ObjectID(key: $0, logs: logs, db)) }.sorted { $0.id < $1.id }.map(
      \.key)
  }

  /// Where a message stands: of several conversations the one of the least identifier in which it shows, and that was not purged.
  func place(ofMessage message: ObjectKey) throws -> (conversation: ObjectKey, row: MessageRow)? {
    for conversation in try conversationsInOrder(of: message) where try !isPurged(conversation) {
      guard let row = try MessageRow.fetch(db, conversation: conversation, key: message) else { continue }
      return (conversation, row)
    }
    return nil
  }

  /// A conversation's messages, in linear order, with what their places amount to.
  struct Shape {
    let conversation: ObjectID
    let linear: [MessageRow]
    let names: [ObjectKey: ObjectID]
    let lines: [ObjectKey: ObjectID]
    let tips: [ObjectKey]
    let diverged: [[ObjectKey]]
  }

  func shape(of conversation: ObjectKey) throws -> Shape {
    let rows = try MessageRow.fetchAll(db, conversation: conversation)
    let byKey = Dictionary(rows.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
    var names: [ObjectKey: ObjectID] = [:]
    for row in rows { names[row.key] = try ObjectID(key: row.key, logs: logs, db) }
    let graph = ConversationGraph(rows.map(\.key)) { byKey[$0]?.parents ?? [] }
    let precedes = { (a: ObjectKey, b: ObjectKey) -> Bool in
      guard let rowA = byKey[a], let rowB = byKey[b], let nameA = names[a], let nameB = names[b] else {
        return a < b
      }
      return ReadingOrder(created: rowA.created, message: nameA) < ReadingOrder(created: rowB.created, message: nameB)
    }
    let linear = graph.linearReading(precedes: precedes)
    let lineKeys = try lines(linear, byKey, main: conversation)
    let position = Dictionary(uniqueKeysWithValues: linear.enumerated().map { ($1, $0) })
    let inOrder = { (a: ObjectKey, b: ObjectKey) -> Bool in (position[a] ?? 0) < (position[b] ?? 0) }
    var lines: [ObjectKey: ObjectID] = [:]
    for (message, line) in lineKeys {
      lines[message] = try names[line] ?? ObjectID(key: line, logs: logs, db)
    }
    return Shape(
      conversation: try ObjectID(key: conversation, logs: logs, db),
      linear: linear.compactMap { byKey[$0] }, names: names, lines: lines,
      tips: graph.tips.sorted(by: inOrder),
      diverged: graph.diverged(line: { lineKeys[$0] ?? conversation }, precedes: inOrder))
  }

  /// The line of every message; in linear order a parent's line is known before its child's.
  private func lines(
    _ linear: [ObjectKey], _ rows: [ObjectKey: MessageRow], main: ObjectKey
  ) throws -> [ObjectKey: ObjectKey] {
    let resolver = LineResolver(conversation: main) { rows[$0] }
    var lines: [ObjectKey: ObjectKey] = [:]
    for key in linear {
      let parent = rows[key]?.parents.first { $0 != key && rows[$0] != nil }
      // In a cycle, which only forged or contradictory histories have, a parent may come later.
      lines[key] = try rows[key]?.line ?? parent.flatMap { lines[$0] } ?? resolver.line(of: key)
    }
    return lines
  }

  func conversation(_ row: ConversationRow) throws -> ConversationRecord {
    let shape = try shape(of: row.key)
    return ConversationRecord(
      summary: try summary(row), titles: try values(of: .title, on: row.key),
      draft: try words(.draft, of: row.key), notes: try words(.notes, of: row.key),
      messages: try shape.linear.map { try record($0, shape: shape) },
      tips: shape.tips.compactMap { shape.names[$0] },
      diverged: shape.diverged.map { $0.compactMap { shape.names[$0] } })
  }

  /// What people wrote together about a conversation.
  func words(_ text: TextKind, of conversation: ObjectKey) throws -> String {
    let current = try currentText(TextKey(object: conversation, text: text))
    return try current?.text ?? self.text(text, of: conversation).document.text
  }

  func record(_ row: MessageRow, shape: Shape) throws -> MessageRecord {
    try record(row, line: shape.lines[row.key] ?? shape.conversation)
  }

  func record(_ row: MessageRow, line: ObjectID) throws -> MessageRecord {
    let (held, name) = (try operation(row.definition), try logs.operation(of: row.definition))
    guard held != nil || logs.unreadable?.contains(name.change) == true else {
      throw StoreError(
        .damaged, "the operation of a message is missing", remedy: "see `anabranch inspect check`")
    }
    let words = try held.map { try self.words(of: row.key, held: $0) } ?? (content: nil, isEdited: false)
    let isPurged =
      try words.content == nil && (held.map { try self.isPurged(row.key, $0) } ?? self.isPurged(textsOf: row.key))
    return MessageRecord(
      id: try ObjectID(key: row.key, logs: logs, db),
      parents: try row.parents.map { try ObjectID(key: $0, logs: logs, db) }, line: line,
      startsLine: row.line == row.key, role: row.role, created: row.created, log: name.log, operation: name,
      time: held?.change.time ?? HybridTime(milliseconds: row.created, counter: 0), content: words.content,
      isEdited: words.isEdited && !isPurged,
      isPurged: isPurged, isPinned: try isPinned(row.key),
      attachments: isPurged ? [] : try attachments(of: row.key))
  }

  /// Whether a message is pinned. What was purged is not, nor is what was done to it.
  private func isPinned(_ message: ObjectKey) throws -> Bool {
    guard let value = try values(of: .pinned, on: message).first else { return false }
    return try value.isSet && !isPurged(textsOf: message)
  }

  func end(of row: MessageRow) throws -> (operations: [OperationID], length: UInt32)? {
    guard let held = try operation(row.definition) else { return nil }
    if let (heads, count) = try currentEnd(TextKey(object: row.key, text: .body)) {
      return (heads.isEmpty ? [held.id] : heads, UInt32(clamping: count))
    }
    let body = try self.body(of: row.key, held: held)
    return (body.heads, UInt32(clamping: body.document.count))
  }
}

extension RegisterValue {
  /// Whether a flag is set.
  fileprivate var isSet: Bool {
    bytes == [1]
  }
}
