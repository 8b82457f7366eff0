internal import AnabranchCore
internal import AnabranchWire
internal import GRDB

extension ViewWriter {
  func createMessage(
    _ message: CreateMessage, in target: ObjectID, _ applied: Applied, _ logs: LogState
  ) throws {
    let conversation = try key(of: target, logs: logs)
    try insert(message, key: applied.key.rawValue, into: conversation, origin: nil, logs)
    try add(
      .message(.native(applied.id), of: target, message, updated: nil, content: applied.content),
      to: conversation)
    try reconsiderTrash(of: conversation)
  }

  func importMessage(
    _ source: ImportMessage, in target: ObjectID, _ applied: Applied, _ logs: LogState
  ) throws {
    let conversation = try key(of: target, logs: logs)
    let id = ObjectID.imported(source.message)
    let (key, isNew) = try key(ofImported: source.message, in: conversation)
    if !isNew, try areTakenBack(of: key, in: conversation) {
      try noteUnshown(applied.key, of: key)
      return try settleMessage(key, id, in: conversation, logs)
    }
    if !isNew, let row = try message(key, in: conversation), let shown = row.origin {
      let other = try db.operation(shown, logs)
      guard case .importMessage(let old) = other.operation.mutation else { return }
      let precedence = ImportPrecedence(updated: source.updated, content: applied.content, operation: applied.id)
      guard
        precedence
          > ImportPrecedence(
            updated: old.updated, content: other.operation.contentHash, operation: other.id)
      else { return try noteUnshown(applied.key, of: key) }
      try noteUnshown(shown, of: key)
      try remove(
        .message(id, of: target, old.base, updated: old.updated, content: other.operation.contentHash),
        from: conversation)
      let place = try self.row(source.base, key: key, origin: applied.key, logs)
      if place.parents != row.parents || place.line != row.line || place.created != row.created {
        try update(conversation) { $0.irregular = true }
      }
      try save(place, in: conversation)
    } else {
      try insert(source.base, key: key, into: conversation, origin: applied.key, logs)
      if !isNew { try place(key, in: conversation, named: target, logs) }
    }
    try add(
      .message(id, of: target, source.base, updated: source.updated, content: applied.content),
      to: conversation)
  }

  /// Notes that an imported message, which was referred to before, stands in a conversation, perhaps not the only
  /// one. Edits of its body count as done to each of them, so also to this one.
  private func place(
    _ message: ObjectKey, in conversation: ObjectKey, named name: ObjectID, _ logs: LogState
  ) throws {
    let known = try db.conversations(of: message, logs)
    guard !known.contains(conversation) else { return }
    let others = KeyList.bytes(known.dropFirst() + (known.isEmpty ? [] : [conversation]))
    try db.run("UPDATE imported SET conversation = ?, others = ? WHERE number = ?") { values in
      values.add(known.first ?? conversation)
      values.add(others.isEmpty ? nil : others)
      values.add(-message)
    }
    reconsiderText(TextKey(object: message, text: .body))
    for done in try db.edits(of: .body, of: message) + db.reinstatements(of: message) {
      try touch(conversation, name, by: done, logs)
    }
  }

  func save(_ row: MessageRow, in conversation: ObjectKey, _ table: MessageRow.Table = .message) throws {
    try emptyTail(of: conversation)
    try db.run(table == .message ? saveMessage : saveHidden) { row.bind(to: &$0, conversation: conversation) }
  }

  /// Adds a new message to its conversation and its shape.
  private func insert(
    _ message: CreateMessage, key: ObjectKey, into conversation: ObjectKey, origin: OperationKey?,
    _ logs: LogState
  ) throws {
    let row = try row(message, key: key, origin: origin, logs)
    try append(row, to: conversation)
    try update(conversation) { shape in
      shape.messages += 1
      shape.updated = max(shape.updated, row.created)
      guard !shape.irregular else { return }
      var line: ObjectKey?
      for parent in row.parents {
        if let tip = shape.tips.first(where: { $0.message == parent }) {
          line = line ?? tip.line
        } else if try self.message(parent, in: conversation) != nil {
          line = try line ?? self.line(of: parent, in: conversation)
        } else {
          shape.irregular = true
        }
      }
      shape.tips.removeAll { row.parents.contains($0.message) }
      shape.tips.append(ConversationRow.Tip(message: key, line: row.line ?? line ?? conversation))
    }
  }

  func row(
    _ message: CreateMessage, key: ObjectKey, origin: OperationKey?, _ logs: LogState
  ) throws -> MessageRow {
    let line: ObjectKey? =
      switch message.line {
      case .continued: nil
      case .started: key
      case .named(let named): try self.key(of: named, logs: logs)
      }
    return MessageRow(
      key: key, role: message.role, created: message.created, line: line,
      parents: try message.parents.map { try self.key(of: $0, logs: logs) }, origin: origin)
  }
}

extension Database {
  /// The conversation that holds `message`, of several the one held first; nil where the message is not known.
  func conversation(of message: ObjectKey, _ logs: LogState) throws -> ObjectKey? {
    try conversations(of: message, logs).first
  }

  /// The conversations that hold `message`: none where it is not known, several perhaps where it was imported.
  func conversations(of message: ObjectKey, _ logs: LogState) throws -> [ObjectKey] {
    if message < 0 {
      return try first("SELECT conversation, others FROM imported WHERE number = ?") {
        $0.add(-message)
      } _: { columns in
        guard let first = try columns.optionalInteger(0) else { return [] }
        return [first] + KeyList.keys(try columns.optionalBytes(1) ?? [])
      } ?? []
    }
    guard let made = try operationIfHeld(OperationKey(rawValue: message), logs),
      case .createMessage = made.operation.mutation, let target = made.operation.envelope.target,
      let conversation = try key(of: target, logs)
    else { return [] }
    return [conversation]
  }

  /// The key of an object that has one.
  func key(of object: ObjectID, _ logs: LogState) throws -> ObjectKey? {
    switch object {
    case .native(let operation):
      return logs.key(of: operation)?.rawValue
    case .imported(let id):
      return try key(ofImported: id)
    }
  }

  /// The key of an imported object that has one.
  func key(ofImported id: Bytes16) throws -> ObjectKey? {
    try first("SELECT number FROM imported WHERE id = ?") {
      $0.add(id)
    } _: {
      -(try $0.integer(0))
    }
  }
}
