internal import AnabranchCore
internal import AnabranchWire
internal import GRDB

/// Keeps the views in step with the log.
///
/// Operations are applied one by one, in causal order; conversations are collected and written at the end of a
/// transaction, or when one of its steps reads them, so that a batch touches each only once. It remembers the
/// conversations it read and wrote, which is what makes one more message cheap: so it is only good as long as nobody
/// else writes the views, and until a transaction fails. What a merge rule says is in the core; here it is only made to
/// last.
final class ViewWriter {
  let db: Database
  /// From how many bytes on the newest messages of a conversation go to the table.
  private let tailBytesMax: Int
  /// What runs for every change, and for every message.
  let insertChange = Database.KeptStatement("INSERT INTO change(id, hash, bytes) VALUES(?, ?, ?)")
  let saveMessage = Database.KeptStatement(MessageRow.saving(into: .message))
  let saveHidden = Database.KeptStatement(MessageRow.saving(into: .hidden))
  private var conversations: [ObjectKey: Remembered] = [:]
  /// The one that was asked for last.
  private var latest: Remembered?
  /// The conversations that are not written yet.
  private var changed: [Remembered] = []
  /// Conversations whose place in the trash has to be decided again.
  private var undecided: Set<ObjectKey> = []
  /// The keys of imported objects that were asked for; nil for one that has none.
  private var importedKeys: [Bytes16: ObjectKey?] = [:]
  /// Whether anything was ever purged; nil as long as nobody looked.
  var hasPurges: Bool?
  /// Whether anything was ever taken back; nil as long as nobody looked.
  var everWithdrawn: Bool?
  /// Whether anything that is held does not count; nil as long as nobody looked.
  var hasUncounted: Bool?
  /// The changes that were read last, for their structure.
  var recent: [(key: ChangeKey, change: Change)] = []
  /// The actions of several changes that went on, which are not written yet, by their first changes.
  var actions: [ChangeKey: ActionRow] = [:]
  /// What is to be done to texts; and about how many bytes of it.
  var texts: [TextKey: PendingText] = [:]
  var pendingBytes = 0

  /// A conversation as it stands, and whether that is still to be written.
  private final class Remembered {
    let key: ObjectKey
    var row: ConversationRow
    /// Its newest messages, of which the database may have the first ones.
    var tail: MessageTail
    /// Whether the database has any of them.
    var isTailWritten: Bool
    var isChanged = false

    init(_ row: ConversationRow, _ tail: MessageTail) {
      key = row.key
      self.row = row
      self.tail = tail
      isTailWritten = !tail.isEmpty
    }
  }

  init(_ db: Database, tailBytesMax: Int) {
    self.db = db
    self.tailBytesMax = tailBytesMax
  }

  /// Whether it remembers so much that it had better be forgotten.
  var isLarge: Bool {
    conversations.count > Self.rememberedMax || importedKeys.count > Self.rememberedMax
  }

  /// Conversations, and names of imported objects, that are remembered between transactions; some hundred bytes each, and up to
  /// half a thousand for the newest messages.
  private static let rememberedMax = 2_000

  /// Applies what counts of `change`, and what that brings along; see ``setAside(_:_:_:)``.
  func apply(_ change: Change, logs: LogState) throws {
    if change.action != change.id.sequence { try noteAction(of: change, logs) }
    let role = logs.role(of: change.id)
    for operation in change.operations {
      let id = OperationID(log: change.id.log, sequence: change.id.sequence, index: operation.index)
      guard role == .owner || logs.allows(operation, of: change.id, as: role) else {
        try setAside(operation, id, logs)
        continue
      }
      try bringAlong(basisOf: operation, logs)
      try apply(operation, id: id, of: change, logs: logs)
    }
    try finishTextsIfMany(logs: logs)
  }

  func apply(_ operation: Operation, id: OperationID, of change: Change, logs: LogState) throws {
    let applied = Applied(
      id: id, key: try logs.heldKey(of: id), time: change.time, content: operation.contentHash)
    if case .createConversation(let create) = operation.mutation {
      return try createConversation(create, applied, logs)
    }
    if case .receipt(let receipt) = operation.mutation { return try self.receipt(receipt, applied, logs) }
    if case .undo(let undo) = operation.mutation { return try self.undo(undo, applied, logs) }
    guard let target = operation.envelope.target else { return }
    if operation.envelope.content.bytes != nil || !operation.mutation.chunks.isEmpty {
      try noteIfPurged(operation, of: target, logs)
    }
    switch operation.mutation {
    case .createMessage(let message): try createMessage(message, in: target, applied, logs)
    case .appendText(let append):
      let item = StateItem.append(
        applied.id, to: target, append, time: applied.time, content: applied.content)
      try edit(.body, of: target, item, operation, applied, logs)
    case .editText(let edit):
      let item = StateItem.edit(applied.id, of: target, edit, time: applied.time, content: applied.content)
      try self.edit(edit.text, of: target, item, operation, applied, logs)
    case .writeRegister(let write): try writeRegister(write, of: target, applied, logs)
    case .addElement(let add):
      try addElement(add, to: target, applied, logs)
      try noteBlob(of: operation, applied.key)
    case .removeElement(let remove): try removeElement(remove, from: target, applied, logs)
    case .trash: try trash(target, seen: change.seen, applied, logs)
    case .restore: try touch(try key(of: target, logs: logs), target, by: applied.key, logs)
    case .importConversation(let source): try importConversation(source, target, applied, logs)
    case .importMessage(let source): try importMessage(source, in: target, applied, logs)
    case .purge(let purge): try self.purge(target, purge, applied, logs)
    case .purgePast(let purge): try purgePast(target, purge, applied, logs)
    case .markRead(let mark): try markRead(mark, in: target, logs)
    case .withdraw: try withdraw(of: target, applied, logs)
    case .reinstate(let reinstate): try self.reinstate(reinstate, of: target, applied, logs)
    case .regainText(let regain): try regainText(regain, applied, logs)
    case .unknown: try noteUnshown(applied.key, of: try key(of: target, logs: logs))
    case .createConversation, .chunk, .receipt, .undo, .enrol, .restrict, .adopt: break
    }
  }

  /// Writes what was collected, and returns the conversations that changed.
  @discardableResult
  func finish(logs: LogState) throws -> Set<ObjectKey> {
    try finishActions()
    try finishTexts(logs: logs)
    for remembered in changed where remembered.row.irregular {
      let row = remembered.row
      try emptyTail(of: remembered)
      if try hasWithdrawals(), try decideHidden(in: row.key, logs), row.trashed != nil { undecided.insert(row.key) }
      try remembered.row.recomputeShape(
        try MessageRow.fetchAll(db, conversation: row.key), begun: row.created ?? sourceCreated(row, logs))
    }
    for key in undecided {
      try emptyTail(of: key)
      try decideTrash(of: key, logs: logs)
    }
    undecided = []
    for remembered in changed.sorted(by: { $0.key < $1.key }) {
      if remembered.row.hidden != nil { remembered.row.hidden = try isHidden(remembered.row, logs) }
      try remembered.row.save(db, tail: remembered.tail)
      remembered.isTailWritten = !remembered.tail.isEmpty
      remembered.isChanged = false
    }
    defer { changed = [] }
    return Set(changed.map(\.key))
  }

  /// What every operation that is applied has.
  struct Applied {
    let id: OperationID
    let key: OperationKey
    let time: HybridTime
    let content: Digest
  }
}

// MARK: Keys

extension ViewWriter {
  /// The key of an object, given now if it has none.
  func key(of object: ObjectID, logs: LogState) throws -> ObjectKey {
    switch object {
    case .native(let operation): try logs.heldKey(of: operation).rawValue
    case .imported(let id): try key(ofImported: id, in: nil).key
    }
  }

  /// The key of an imported object. One that is new is a message of `conversation`, or not known to be a message.
  func key(
    ofImported id: Bytes16, in conversation: ObjectKey?
  ) throws -> (key: ObjectKey, isNew: Bool) {
    if let key = try key(heldOf: id) { return (key, false) }
    try db.run("INSERT INTO imported(id, conversation) VALUES(?, ?)") { values in
      values.add(id)
      values.add(conversation)
    }
    importedKeys[id] = -db.lastInsertedRowID
    return (-db.lastInsertedRowID, true)
  }

  /// The key of an imported object that has one.
  func key(heldOf id: Bytes16) throws -> ObjectKey? {
    if let known = importedKeys[id] { return known }
    let key = try db.key(ofImported: id)
    importedKeys[id] = .some(key)
    return key
  }

  func objectID(of key: ObjectKey, logs: LogState) throws -> ObjectID {
    try ObjectID(key: key, logs: logs, db)
  }
}

extension ObjectID {
  /// The object that `key` stands for in this database.
  init(key: ObjectKey, logs: LogState, _ db: Database) throws {
    guard key < 0 else {
      self = .native(try logs.operation(of: OperationKey(rawValue: key)))
      return
    }
    let bytes = try db.first("SELECT id FROM imported WHERE number = ?") {
      $0.add(-key)
    } _: {
      try $0.bytes(0)
    }
    guard let id = bytes.flatMap({ Bytes16($0) }) else {
      throw StoreError(.damaged, "imported object \(-key) has no name", remedy: "see `anabranch inspect check`")
    }
    self = .imported(id)
  }
}

// MARK: Conversations

extension ViewWriter {
  /// The conversation at `key` if it is remembered.
  func known(_ key: ObjectKey) -> ConversationRow? {
    remembered(key)?.row
  }

  /// The conversation at `key`, as it stands in this transaction.
  func conversation(_ key: ObjectKey) throws -> ConversationRow {
    try fetched(key).row
  }

  /// Changes the conversation at `key`.
  func update(_ key: ObjectKey, _ body: (inout ConversationRow) throws -> Void) throws {
    let remembered = try fetched(key)
    // Taken out, so that nothing in it is shared and has to be copied.
    var row = ConversationRow(key: key)
    swap(&row, &remembered.row)
    try body(&row)
    swap(&row, &remembered.row)
    note(remembered)
  }

  private func note(_ remembered: Remembered) {
    if !remembered.isChanged { changed.append(remembered) }
    remembered.isChanged = true
  }

  private func remembered(_ key: ObjectKey) -> Remembered? {
    if latest?.key != key, let found = conversations[key] { latest = found }
    return latest?.key == key ? latest : nil
  }

  private func fetched(_ key: ObjectKey) throws -> Remembered {
    if let known = remembered(key) { return known }
    let found = try ConversationRow.fetchWithTail(db, key: key)
    let new = Remembered(found?.row ?? ConversationRow(key: key), found?.tail ?? MessageTail(of: key))
    conversations[key] = new
    latest = new
    return new
  }

  // MARK: The newest messages

  /// A message of a conversation that shows, as it stands in this transaction.
  func message(_ key: ObjectKey, in conversation: ObjectKey) throws -> MessageRow? {
    try fetched(conversation).tail.row(key) ?? MessageRow.fetchFromTable(db, conversation: conversation, key: key)
  }

  /// The line of a message of a conversation. O(distance to the line's start).
  func line(of message: ObjectKey, in conversation: ObjectKey) throws -> ObjectKey {
    let row = try MessageRow.finder(db, conversation: conversation, tail: fetched(conversation).tail)
    return try LineResolver(conversation: conversation, row: row).line(of: message)
  }

  /// A message among the newest of a conversation, if that is remembered.
  func newest(_ key: ObjectKey, in conversation: ObjectKey) throws -> MessageRow? {
    try remembered(conversation)?.tail.row(key)
  }

  /// Adds a new message to the newest of its conversation, and moves all of them to the table where they are many.
  func append(_ row: MessageRow, to conversation: ObjectKey) throws {
    let remembered = try fetched(conversation)
    try remembered.tail.append(row)
    note(remembered)
    if remembered.tail.bytes.count >= tailBytesMax { try emptyTail(of: remembered) }
  }

  /// Moves the newest messages of a conversation to the table: before anything else is done to one of them, and before
  /// what reads them from the database.
  func emptyTail(of conversation: ObjectKey) throws {
    try emptyTail(of: fetched(conversation))
  }

  private func emptyTail(of remembered: Remembered) throws {
    guard !remembered.tail.isEmpty else { return }
    for row in try remembered.tail.rows() {
      try db.run(saveMessage) { row.bind(to: &$0, conversation: remembered.key) }
    }
    remembered.tail = MessageTail(of: remembered.key)
    guard remembered.isTailWritten else { return }
    // At once: who reads the database before the conversation is written would find them twice.
    try db.run("UPDATE conversation SET tail = NULL WHERE key = ?") { $0.add(remembered.key) }
    remembered.isTailWritten = false
  }

  func add(_ item: StateItem, to key: ObjectKey) throws {
    try update(key) { $0.fingerprint.add(item.hash) }
  }

  func remove(_ item: StateItem, from key: ObjectKey) throws {
    try update(key) { $0.fingerprint.remove(item.hash) }
  }

  /// Has the place in the trash of `key` decided again, if anybody ever deleted it.
  func reconsiderTrash(of key: ObjectKey) throws {
    if try fetched(key).row.trashed != nil { undecided.insert(key) }
  }

  /// Notes that a person did something to a conversation: it brings a deleted one back.
  func touch(_ key: ObjectKey, _ id: ObjectID, by operation: OperationKey, _ logs: LogState) throws {
    try update(key) { row in
      if let index = row.activity.firstIndex(where: { $0.ordinal == operation.ordinal }) {
        guard row.activity[index] < operation else { return }
        let last = try logs.operation(of: row.activity[index])
        row.fingerprint.remove(StateItem.activity(id, last).hash)
        row.activity[index] = operation
      } else {
        row.activity.append(operation)
      }
      row.fingerprint.add(StateItem.activity(id, try logs.operation(of: operation)).hash)
    }
    try reconsiderTrash(of: key)
  }

  func createConversation(_ create: CreateConversation, _ applied: Applied, _ logs: LogState) throws {
    let (key, id) = (applied.key.rawValue, ObjectID.native(applied.id))
    try update(key) { row in
      row.created = create.created
      row.updated = max(row.updated, create.created)
    }
    try add(.conversation(id, created: create.created), to: key)
    try touch(key, id, by: applied.key, logs)
  }

  func importConversation(
    _ source: ImportConversation, _ target: ObjectID, _ applied: Applied, _ logs: LogState
  ) throws {
    let key = try key(of: target, logs: logs)
    guard case .imported = target else { return try noteUnshown(applied.key, of: key) }
    if try conversation(key).source != nil, try areTakenBack(of: key) {
      try noteUnshown(applied.key, of: key)
      return try settleSource(of: key, target, logs)
    }
    if let shown = try conversation(key).source {
      let other = try db.operation(shown, logs)
      guard case .importConversation(let old) = other.operation.mutation else { return }
      let precedence = ImportPrecedence(updated: source.updated, content: applied.content, operation: applied.id)
      guard
        precedence
          > ImportPrecedence(
            updated: old.updated, content: other.operation.contentHash, operation: other.id)
      else { return try noteUnshown(applied.key, of: key) }
      try noteUnshown(shown, of: key)
      try remove(.source(target, old, content: other.operation.contentHash), from: key)
      if old.created != source.created { try update(key) { $0.irregular = true } }
    }
    try update(key) { row in
      row.source = applied.key
      row.updated = max(row.updated, source.created ?? 0)
    }
    try add(.source(target, source, content: applied.content), to: key)
  }

  /// When the source says that a conversation started.
  private func sourceCreated(_ row: ConversationRow, _ logs: LogState) throws -> Int64? {
    guard let shown = row.source,
      case .importConversation(let source) = try db.operation(shown, logs).operation.mutation
    else { return nil }
    return source.created
  }
}
