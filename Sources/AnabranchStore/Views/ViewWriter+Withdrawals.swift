internal import AnabranchCore
internal import AnabranchWire
internal import GRDB

/// What was taken back, and what came again.
extension ViewWriter {
  func withdraw(of target: ObjectID, _ applied: Applied, _ logs: LogState) throws {
    let object = try key(of: target, logs: logs)
    try db.run("INSERT OR REPLACE INTO withdrawal(object, operation) VALUES(?, ?)") { values in
      values.add(object)
      values.add(applied.key.rawValue)
    }
    everWithdrawn = true
    guard let withdrawal = try withdrawal(applied.key, logs) else { return }
    try add(.withdrawal(target, withdrawal), to: holder(of: object, logs))
    try settle(object, target, affectedBy: withdrawal.operations, logs)
  }

  func reinstate(_ reinstate: Reinstate, of target: ObjectID, _ applied: Applied, _ logs: LogState) throws {
    let object = try key(of: target, logs: logs)
    let holder = try holder(of: object, logs)
    try db.run("INSERT OR REPLACE INTO reinstatement(object, operation) VALUES(?, ?)") { values in
      values.add(object)
      values.add(applied.key.rawValue)
    }
    everWithdrawn = true
    try add(.reinstatement(target, applied.id), to: holder)
    var affected: [OperationID] = []
    for name in reinstate.withdrawals {
      let key = try logs.heldKey(of: name)
      try db.run("DELETE FROM withdrawal WHERE object = ? AND operation = ?") { values in
        values.add(object)
        values.add(key.rawValue)
      }
      guard db.changesCount > 0, let withdrawal = try withdrawal(key, logs) else { continue }
      try remove(.withdrawal(target, withdrawal), from: holder)
      affected += withdrawal.operations
    }
    try settle(object, target, affectedBy: affected, logs)
    try touch(object, target, by: applied.key, logs)
    for conversation in try db.conversations(of: object, logs) {
      // It is something that was done to a message, whatever it ends, and if it ends nothing any more.
      try reconsider(object, in: conversation)
      try touch(conversation, try objectID(of: conversation, logs: logs), by: applied.key, logs)
    }
  }

  /// What counts as done to an object counts for the conversation that holds it, unless it was imported: it may stand in
  /// several, and is counted under its own name.
  private func holder(of object: ObjectKey, _ logs: LogState) throws -> ObjectKey {
    try object < 0 ? object : db.conversations(of: object, logs).first ?? object
  }

  /// Whether anything was ever taken back.
  func hasWithdrawals() throws -> Bool {
    if let everWithdrawn { return everWithdrawn }
    let found = try db.hasWithdrawals()
    everWithdrawn = found
    return found
  }

  /// Whether something that was done to an object is taken back, or, of a message, whether it does not show. Then what shows
  /// of it is decided anew with each thing that is done to it.
  func areTakenBack(of object: ObjectKey, in conversation: ObjectKey? = nil) throws -> Bool {
    guard try hasWithdrawals() else { return false }
    guard let conversation else { return try db.hasWithdrawals(of: object) }
    if try MessageRow.fetch(db, conversation: conversation, key: object, from: .hidden) != nil { return true }
    return try db.hasWithdrawals(of: object)
      && message(object, in: conversation) != nil
  }

  /// Has it decided again whether a message shows, where it stands: something was attached to it, or taken away.
  func reconsiderHolders(of message: ObjectKey, _ set: SetKind, _ logs: LogState) throws {
    guard set == .attachments, try hasWithdrawals(), try db.hasWithdrawals(of: message) else { return }
    for conversation in try db.conversations(of: message, logs) { try update(conversation) { $0.irregular = true } }
  }

  /// Has it decided again whether a message shows in a conversation: something was done to it.
  func reconsider(_ message: ObjectKey, in conversation: ObjectKey) throws {
    guard try areTakenBack(of: message, in: conversation) else { return }
    try update(conversation) { $0.irregular = true }
  }

  /// Runs `body` with what reads the log for its structure.
  private func reading<Result>(_ logs: LogState, _ body: (ContentReader) throws -> Result) rethrows -> Result {
    let reader = ContentReader(db, logs, recent: recent)
    defer { recent = reader.recent }
    return try body(reader)
  }

  private func withdrawal(_ key: OperationKey, _ logs: LogState) throws -> Withdrawal? {
    try reading(logs) { try $0.operation(key).flatMap(Withdrawal.init) }
  }
}

// MARK: - What shows

extension ViewWriter {
  /// Decides anew what shows of an object, after `operations` on it were taken back or came again.
  private func settle(
    _ object: ObjectKey, _ target: ObjectID, affectedBy operations: [OperationID], _ logs: LogState
  ) throws {
    var registers: Set<RegisterKind> = []
    var sets: Set<SetKind> = []
    var isMade = false
    for held in try reading(logs, { reader in try operations.compactMap { try reader.held($0) } }) {
      switch held.operation.mutation {
      case .writeRegister(let write): registers.insert(write.register)
      case .addElement(let add): sets.insert(add.set)
      case .removeElement(let remove): sets.insert(remove.set)
      case .createMessage, .importMessage, .importConversation: isMade = true
      default: break
      }
    }
    for register in registers.sorted(by: { $0.rawValue < $1.rawValue }) {
      try settle(register, of: object, target, logs)
    }
    for set in sets.sorted(by: { $0.rawValue < $1.rawValue }) { try settle(set, of: object, target, logs) }
    guard isMade else { return }
    for conversation in try db.conversations(of: object, logs) {
      try settleMessage(object, target, in: conversation, logs)
    }
    try settleSource(of: object, target, logs)
  }

  /// Whether a write replaces one that does not show, of which something does that it replaced: who wrote had not seen that
  /// it was taken back.
  func buildsOnWithdrawn(
    _ write: WriteRegister, of object: ObjectKey, on live: [MultiValueRegister.Write]
  ) throws -> Bool {
    guard try hasWithdrawals() else { return false }
    return try !write.predecessors.allSatisfy { seen in live.contains { $0.operation == seen } }
      && db.hasWithdrawals(of: object)
  }

  /// Decides anew which writes to a register show.
  func settle(_ register: RegisterKind, of object: ObjectKey, _ target: ObjectID, _ logs: LogState) throws {
    let shown = try db.register(register, of: object, logs).live
    let (all, taken) = try reading(logs) { reader in
      (try reader.operations(on: register, of: object), try reader.taken(from: object))
    }
    let live = MultiValueRegister(all.compactMap(MultiValueRegister.Replacing.init), without: taken).live
    for held in all {
      let write = MultiValueRegister.Write(operation: held.id, time: held.change.time)
      guard live.contains(write) != shown.contains(write) else { continue }
      let key = try logs.heldKey(of: held.id)
      let item = StateItem.register(
        target, register, held.id, time: held.change.time, content: held.operation.contentHash)
      if live.contains(write) {
        try save(write, at: key, in: register, of: object)
        try show(key, of: object, as: item)
      } else {
        try delete(key, from: register, of: object)
        try hide(key, of: object, as: item)
      }
    }
  }

  /// Decides anew which additions to a set stand.
  private func settle(_ set: SetKind, of object: ObjectKey, _ target: ObjectID, _ logs: LogState) throws {
    let present = try db.additions(set, of: object)
    let (all, taken) = try reading(logs) { reader in
      (try (present + db.unshown(of: object)).compactMap { try reader.operation($0) }, try reader.taken(from: object))
    }
    var gone = taken
    var additions: [HeldOperation] = []
    for held in all {
      switch held.operation.mutation {
      case .addElement(let add) where add.set == set: additions.append(held)
      case .removeElement(let remove) where remove.set == set && !taken.contains(held.id):
        gone.formUnion(remove.additions)
      default: break
      }
    }
    try reconsiderHolders(of: object, set, logs)
    let standing = Set(present)
    for held in additions {
      let key = try logs.heldKey(of: held.id)
      guard gone.contains(held.id) == standing.contains(key) else { continue }
      let item = StateItem.element(target, set, held.id, content: held.operation.contentHash)
      if gone.contains(held.id) {
        try delete(key, from: set, of: object)
        try hide(key, of: object, as: item)
      } else {
        try save(key, in: set, of: object)
        try show(key, of: object, as: item)
      }
    }
  }

  private func show(_ operation: OperationKey, of object: ObjectKey, as item: StateItem) throws {
    try forgetUnshown(operation, of: object)
    try add(item, to: object)
  }

  private func hide(_ operation: OperationKey, of object: ObjectKey, as item: StateItem) throws {
    try noteUnshown(operation, of: object)
    try remove(item, from: object)
  }

  private func forgetUnshown(_ operation: OperationKey, of object: ObjectKey) throws {
    try db.run("DELETE FROM unshown WHERE object = ? AND operation = ?") { values in
      values.add(object)
      values.add(operation.rawValue)
    }
  }

  /// Decides anew which of several imports says what a message is, where it stands in a conversation, and has it decided
  /// whether it shows.
  func settleMessage(
    _ message: ObjectKey, _ id: ObjectID, in conversation: ObjectKey, _ logs: LogState
  ) throws {
    try emptyTail(of: conversation)
    guard let row = try MessageRow.fetchAnywhere(db, conversation: conversation, key: message) else { return }
    try update(conversation) { $0.irregular = true }
    guard let origin = row.origin else { return }
    let (imports, taken) = try reading(logs) { reader in
      (try reader.bases(of: row, in: conversation), try reader.taken(from: message))
    }
    guard let old = imports.first, let best = best(of: imports, without: taken), best.id != old.id,
      case .importMessage(let source) = best.operation.mutation,
      case .importMessage(let before) = old.operation.mutation
    else { return }
    let key = try logs.heldKey(of: best.id)
    try noteUnshown(origin, of: message)
    try forgetUnshown(key, of: message)
    let container = try objectID(of: conversation, logs: logs)
    try remove(
      .message(id, of: container, before.base, updated: before.updated, content: old.operation.contentHash),
      from: conversation)
    try add(
      .message(id, of: container, source.base, updated: source.updated, content: best.operation.contentHash),
      to: conversation)
    let place = try self.row(source.base, key: message, origin: key, logs)
    let isShown = try MessageRow.fetch(db, conversation: conversation, key: message) != nil
    try save(place, in: conversation, isShown ? .message : .hidden)
  }

  /// Decides anew which of several imports says what a source says of a conversation.
  func settleSource(of conversation: ObjectKey, _ id: ObjectID, _ logs: LogState) throws {
    guard let shown = try self.conversation(conversation).source else { return }
    try update(conversation) { $0.hidden = $0.hidden ?? false }
    let (imports, taken) = try reading(logs) { reader in
      (try reader.sources(of: conversation, shown), try reader.taken(from: conversation))
    }
    guard let old = imports.first, let best = best(of: imports, without: taken), best.id != old.id,
      case .importConversation(let source) = best.operation.mutation,
      case .importConversation(let before) = old.operation.mutation
    else { return }
    let key = try logs.heldKey(of: best.id)
    try noteUnshown(shown, of: conversation)
    try forgetUnshown(key, of: conversation)
    try remove(.source(id, before, content: old.operation.contentHash), from: conversation)
    try add(.source(id, source, content: best.operation.contentHash), to: conversation)
    try update(conversation) { row in
      row.source = key
      if before.created != source.created { row.irregular = true }
    }
  }

  /// Of imports the one that shows, where those in `taken` are taken back.
  private func best(of imports: [HeldOperation], without taken: Set<OperationID>) -> HeldOperation? {
    let best = ImportPrecedence.winner(of: imports.compactMap { ImportPrecedence($0) }, without: taken)
    return imports.first { $0.id == best?.operation }
  }
}

// MARK: - What is hidden

extension ViewWriter {
  /// Decides which messages of a conversation are hidden, and puts them where they belong; true where one moved.
  ///
  /// One is hidden where all that made it is taken back and nobody did anything to it meanwhile; but never one of which
  /// some child shows, so that no message that shows hangs in the air. O(messages).
  func decideHidden(in conversation: ObjectKey, _ logs: LogState) throws -> Bool {
    let shown = try MessageRow.fetchAll(db, conversation: conversation)
    let before = try MessageRow.fetchAll(db, conversation: conversation, from: .hidden)
    var hidden: Set<ObjectKey> = []
    let named = try db.messagesWithdrawn(in: conversation)
    for row in shown + before where named.contains(row.key) {
      if try reading(logs, { try $0.isTakenBack(row, in: conversation) }) { hidden.insert(row.key) }
    }
    let rows = Dictionary((shown + before).map { ($0.key, $0) }) { first, _ in first }
    var waiting = (shown + before).filter { !hidden.contains($0.key) }
    while let child = waiting.popLast() {
      for parent in child.parents where hidden.remove(parent) != nil {
        if let row = rows[parent] { waiting.append(row) }
      }
    }
    let leaving = shown.filter { hidden.contains($0.key) }
    let coming = before.filter { !hidden.contains($0.key) }
    for row in leaving { try move(row, of: conversation, from: .message, to: .hidden) }
    for row in coming { try move(row, of: conversation, from: .hidden, to: .message) }
    return !leaving.isEmpty || !coming.isEmpty
  }

  private func move(
    _ row: MessageRow, of conversation: ObjectKey, from old: MessageRow.Table, to new: MessageRow.Table
  ) throws {
    try db.run("DELETE FROM \(old.rawValue) WHERE conversation = ? AND key = ?") { values in
      values.add(conversation)
      values.add(row.key)
    }
    try save(row, in: conversation, new)
  }

  /// Whether all that made a conversation is taken back, no message of it shows, and nothing was done to it that those had
  /// not seen who did so.
  func isHidden(_ row: ConversationRow, _ logs: LogState) throws -> Bool {
    guard row.created == nil, row.messages == 0 else { return false }
    return try reading(logs) { try $0.isTakenBack(row) }
  }
}
