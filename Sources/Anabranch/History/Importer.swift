internal import AnabranchCore
internal import AnabranchStore
internal import AnabranchWire

/// Takes over a history from outside, event by event.
///
/// Only what is new here is written, so that importing twice changes nothing, and a later export of the same account
/// adds what it has more. All of it is one action.
struct Importer {
  let store: Store
  var writer: DraftWriter
  var summary = ImportSummary()
  private(set) var current: Conversation?
  /// The conversations that were begun.
  private var begun: Set<ObjectID> = []
  /// The conversations that were changed.
  var changed: Set<ObjectID> = []
  /// What is to be said of files whose bytes were taken in, by what the source calls them.
  var staged: [String: AttachmentContent] = [:]

  /// The conversation whose messages are being read.
  struct Conversation {
    let source: SourceConversation
    let id: ObjectID
    /// Whether it was purged: importing does not bring it back.
    var isPurged = false
    var created: [String: Int64] = [:]
    /// The messages that nobody answered yet, where the same import had the conversation before; nil where it had not.
    var ends: Set<ObjectID>?

    /// Whether a message that is new and follows `parents` starts a line because the conversation had its messages
    /// before: two conversations of one name are two lines, and not one that was written apart.
    mutating func startsLine(_ message: ObjectID, after parents: [ObjectID]) -> Bool {
      guard let before = ends else { return false }
      ends = before.subtracting(parents).union([message])
      return !before.isEmpty && before.isDisjoint(with: parents)
    }
  }

  /// Whether something of it is kept already.
  var hasWritten: Bool { writer.hasWritten }

  init(_ store: Store, _ surroundings: Surroundings) {
    self.store = store
    writer = DraftWriter(store, surroundings)
  }

  mutating func take(_ event: HistoryEvent) throws(StoreError) {
    switch event {
    case .conversation(let conversation): try begin(conversation)
    case .message(let message): try take(message)
    case .warning(let warning): summary.warnings.append(warning)
    }
  }

  /// Writes what was gathered.
  mutating func finish() throws(StoreError) {
    try endConversation()
    _ = try writer.flush()
  }

  private mutating func begin(_ source: SourceConversation) throws(StoreError) {
    try endConversation()
    summary.conversations += 1
    let id = try name(of: source)
    current = Conversation(source: source, id: id)
    if !begun.insert(id).inserted { try repeated(id) }
    let held = try store.imported(id)
    if try store.isPurged(id) {
      current?.isPurged = true
      return count(isNew: false, in: id)
    }
    if case .native = id { return count(isNew: false, in: id) }
    let content = ConversationContent(
      title: source.title, current: source.current.map { imported(message: $0, of: source) }, model: source.model,
      verbatim: source.verbatim, archived: source.archived, pinned: source.pinned)
    let bytes = content.canonicalBytes
    if let held, !held.isWithdrawn {
      guard held.content != bytes, (source.updated ?? -1) > (held.updated ?? -1) else {
        return count(isNew: false, in: id)
      }
    }
    let (chunks, rest) = try writer.cut(bytes)
    try writer.add(
      Draft(
        kind: .importConversation, target: id,
        mutation: .importConversation(
          ImportConversation(created: source.created, updated: source.updated, chunks: chunks)),
        content: writer.content(rest)))
    count(isNew: true, in: id)
  }

  /// Prepares for another conversation of a name that this import had before.
  private mutating func repeated(_ id: ObjectID) throws(StoreError) {
    _ = try writer.flush()
    current?.ends = Set(try store.tips(of: id)?.map(\.message) ?? [])
    summary.warnings.append(
      ImportWarning(
        code: "duplicate-conversation",
        message: "conversation \(id) stands in the export more than once; what is new in a later one was added to it",
        skipped: false))
  }

  /// What only an export of ours says of a conversation: its tags, folders, fields, notes and draft, and whether it lies in the trash.
  private mutating func endConversation() throws(StoreError) {
    guard let done = current else { return }
    current = nil
    guard !done.isPurged else { return }
    try add(done.source.tags, to: .tags, of: done)
    try add(done.source.folders, to: .folders, of: done)
    try addFields(of: done)
    try write(done.source.notes, as: .notes, of: done)
    try write(done.source.draft, as: .draft, of: done)
    try followToTrash(done)
  }

  /// Writes a text of an imported conversation where nobody ever wrote one.
  private mutating func write(
    _ words: String, as text: TextKind, of conversation: Conversation
  ) throws(StoreError) {
    guard !words.isEmpty, case .imported = conversation.id else { return }
    _ = try writer.flush()
    guard let now = try store.text(text, of: conversation.id), now.version.isEmpty else { return }
    try writer.write(words, as: text, of: conversation.id)
    changed.insert(conversation.id)
  }

  private mutating func add(
    _ words: [String], to set: SetKind, of conversation: Conversation
  ) throws(StoreError) {
    guard !words.isEmpty else { return }
    var present = try store.elements(of: set, on: conversation.id).elements
    for word in words {
      guard isShort(word, called: set == .tags ? "tag" : "folder", of: conversation),
        present.insert(Array(word.utf8)).inserted
      else { continue }
      try writer.add(word, to: set, of: conversation.id)
      changed.insert(conversation.id)
    }
  }

  /// Adds what stands under names that nothing stands under here.
  private mutating func addFields(of conversation: Conversation) throws(StoreError) {
    guard !conversation.source.fields.isEmpty else { return }
    var present: Set<[UInt8]> = []
    for field in conversation.source.fields {
      guard isShort(field.name, called: "name", of: conversation),
        isShort(field.value, called: "value", of: conversation),
        present.insert(Array(field.name.utf8)).inserted,
        // What was taken away stays so.
        try store.writes(of: field.name, on: conversation.id).isEmpty
      else { continue }
      let content = FieldContent(name: field.name, value: field.value).canonicalBytes
      try writer.addRegister(.fields, content, on: conversation.id, replacing: [])
      changed.insert(conversation.id)
    }
  }

  private mutating func isShort(_ word: String, called kind: String, of conversation: Conversation) -> Bool {
    guard word.utf8.count > Replica.valueBytesMax else { return true }
    summary.warnings.append(
      ImportWarning(
        code: "long-\(kind)",
        message: "a \(kind) of conversation \(conversation.source.id) has \(word.utf8.count) bytes, "
          + "and \(Replica.valueBytesMax) is the most; it was left out", skipped: true))
    return false
  }

  /// Deletes an imported conversation that its source deleted, unless that was decided here already: what was ever
  /// deleted here stays as it is, and an export older than what shows decides nothing.
  private mutating func followToTrash(_ conversation: Conversation) throws(StoreError) {
    guard conversation.source.trashed, case .imported = conversation.id else { return }
    _ = try writer.flush()
    guard try !store.wasDeleted(conversation.id), let held = try store.imported(conversation.id),
      (conversation.source.updated ?? -1) >= (held.updated ?? -1)
    else { return }
    try writer.addTrash(conversation.id)
    changed.insert(conversation.id)
  }

  private mutating func take(_ message: SourceMessage) throws(StoreError) {
    guard let source = current?.source, let container = current?.id else { return }
    summary.messages += 1
    guard current?.isPurged == false else { return count(isNew: false, in: container) }
    let id = try name(of: message.id, in: source)
    let created =
      message.created
      ?? message.parents.compactMap { current?.created[$0] }.max()
      ?? source.created ?? 0
    current?.created[message.id] = created

    guard case .imported(let imported) = id else { return count(isNew: false, in: container) }
    try attach(message.attachments, to: id, in: container)
    let bytes = MessageContent(
      text: message.text, author: message.author, model: message.model, verbatim: message.verbatim
    ).canonicalBytes
    if let held = try store.imported(id) {
      // What was taken back comes again, where it is imported once more.
      let isNews = held.content != bytes && (source.updated ?? -1) > (held.updated ?? -1)
      guard held.isWithdrawn || isNews, try !store.isPurged(id), try !store.hasPurgedPast(id) else {
        return count(isNew: false, in: container)
      }
    }
    var parents: [ObjectID] = []
    for parent in message.parents { parents.append(try name(of: parent, in: source)) }
    let startsLine = current?.startsLine(id, after: parents) == true || message.startsLine
    let (chunks, rest) = try writer.cut(bytes)
    let base = CreateMessage(
      parents: parents, line: startsLine ? .started : .continued, role: message.role, created: created,
      length: UInt32(clamping: message.text.scalarCount), chunks: chunks)
    try writer.add(
      Draft(
        kind: .importMessage, target: container,
        mutation: .importMessage(ImportMessage(message: imported, updated: source.updated, base: base)),
        content: writer.content(rest)))
    count(isNew: true, in: container)
  }

  private mutating func count(isNew: Bool, in conversation: ObjectID) {
    if isNew {
      summary.new += 1
      changed.insert(conversation)
    } else {
      summary.unchanged += 1
    }
  }
}

// MARK: Names

extension Importer {
  /// The source that ``HistoryEvent`` streams made here name.
  static let ownSource = "anabranch"

  func name(of source: SourceConversation) throws(StoreError) -> ObjectID {
    if source.source == Self.ownSource, let own = try ownObject(source.id) { return own }
    return .imported(Hashing.imported(source: source.source, path: [source.id]))
  }

  func name(of message: String, in source: SourceConversation) throws(StoreError) -> ObjectID {
    if source.source == Self.ownSource, let own = try ownObject(message) { return own }
    return .imported(imported(message: message, of: source))
  }

  private func imported(message: String, of source: SourceConversation) -> Bytes16 {
    if source.source == Self.ownSource, let bytes = Bytes16(Hexadecimal.decode(message) ?? []) { return bytes }
    return Hashing.imported(source: source.source, path: [source.id, message])
  }

  /// An object that an export of ours names by its printed identifier: the object itself where it is held here,
  /// else one imported under the same identifier.
  private func ownObject(_ text: String) throws(StoreError) -> ObjectID? {
    guard text.utf8.count == 2 * Bytes16.count, let bytes = Bytes16(Hexadecimal.decode(text) ?? []) else { return nil }
    let native = try store.candidates(prefix: text)?.first { $0.id.operation != nil }
    return native?.id ?? .imported(bytes)
  }
}
