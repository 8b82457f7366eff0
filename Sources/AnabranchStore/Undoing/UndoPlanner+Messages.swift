internal import AnabranchCore
internal import AnabranchWire
internal import GRDB

/// Conversations that were begun or imported, and messages.
extension UndoPlanner {
  /// What was begun goes to the trash, unless something of another action is in it.
  mutating func undoBeginnings() throws {
    for held in order {
      guard case .createConversation = held.operation.mutation, let key = logs.key(of: held.id)?.rawValue,
        let row = try ConversationRow.fetch(db, key: key)
      else { continue }
      let id = ObjectID.native(held.id)
      guard !row.purged else {
        leave(held, .purged, of: id)
        continue
      }
      if let other = try foreignPart(of: key) {
        leave(held, .continuedSince, of: id, by: other)
        continue
      }
      gone.insert(key)
      guard row.trashed != true else { continue }
      plan.reversed += 1
      try note(key)
      trashed.append(id)
    }
  }

  /// The log of something in a conversation, messages included, that another action wrote; nil where there is nothing.
  private func foreignPart(of conversation: ObjectKey) throws -> LogID? {
    if let other = try foreignValue(of: conversation) { return other }
    for row in try MessageRow.fetchAll(db, conversation: conversation) {
      let definition = try logs.operation(of: row.definition)
      if !isOwn(definition) { return definition.log }
      if let held = try reader.operation(row.definition), let other = try foreignWords(in: row.key, held) {
        return other
      }
    }
    return nil
  }

  /// The log of a value of a conversation, or of words in its texts, that another action wrote.
  private func foreignValue(of conversation: ObjectKey) throws -> LogID? {
    for table in ["register", "element"] {
      let keys = try db.keys("SELECT operation FROM \(table) WHERE object = ? ORDER BY operation", conversation)
      for operation in try keys.map({ try logs.operation(of: $0) }) where !isOwn(operation) { return operation.log }
    }
    for text in [TextKind.draft, .notes] {
      if let other = try foreignWriter(of: reader.text(text, of: conversation), on: conversation) { return other }
    }
    return nil
  }

  private func foreignWords(in message: ObjectKey, _ held: HeldOperation) throws -> LogID? {
    for file in try db.additions(.attachments, of: message).map({ try logs.operation(of: $0) }) where !isOwn(file) {
      return file.log
    }
    guard try !db.edits(of: .body, of: message).isEmpty else { return nil }
    return try foreignWriter(of: reader.body(of: message, held: held), on: message)
  }

  private func foreignWriter(of text: HeldText, on object: ObjectKey) throws -> LogID? {
    let regained = try reader.regained(
      by: text.operations.map(\.id), on: ObjectID(key: object, logs: logs, db))
    return text.document.firstWriter(regained: regained) { isOwn($0) }?.log
  }

  /// Messages that were written or imported disappear, unless something that shows follows them, or an older import does.
  mutating func undoMessages() throws {
    // By conversation and message, the places of what made it.
    var vanishing: [ObjectKey: [ObjectKey: [Int]]] = [:]
    for (place, held) in order.enumerated() {
      let id: ObjectID
      switch held.operation.mutation {
      case .createMessage: id = .native(held.id)
      case .importMessage(let source): id = .imported(source.message)
      default: continue
      }
      guard let conversation = try object(of: held)?.key, let key = try db.key(of: id, logs) else { continue }
      guard try !reader.isPurged(key) else {
        leave(held, .purged, of: id)
        continue
      }
      guard let row = try MessageRow.fetchAnywhere(db, conversation: conversation, key: key) else { continue }
      let taken = try reader.taken(from: key)
      let isTaken = taken.contains(held.id)
      // Taken back, it may show again, because what took it back had not seen all that was done to it.
      guard try !(isTaken && reader.isTakenBack(row, in: conversation)) else { continue }
      let left = try reader.bases(of: row, in: conversation).contains { !taken.contains($0.id) && !isUndone($0.id) }
      if left {
        if !isTaken { try takeBack(held.id, of: id, in: conversation) }
      } else if let other = try reader.operation(row.definition).flatMap({ try foreignWords(in: key, $0) }) {
        leave(held, .continuedSince, of: id, by: other)
      } else {
        vanishing[conversation, default: [:]][key, default: []].append(place)
      }
    }
    for (conversation, messages) in vanishing.sorted(by: { $0.key < $1.key }) {
      try vanish(messages, from: conversation)
    }
  }

  private mutating func vanish(_ messages: [ObjectKey: [Int]], from conversation: ObjectKey) throws {
    let rows = try MessageRow.fetchAll(db, conversation: conversation)
    let places = Dictionary(rows.map { ($0.key, $0) }) { first, _ in first }
    var staying: [ObjectKey: MessageRow] = [:]
    var waiting = rows.filter { messages[$0.key] == nil }
    while let child = waiting.popLast() {
      for parent in child.parents where messages[parent] != nil && staying[parent] == nil {
        staying[parent] = child
        if let row = places[parent] { waiting.append(row) }
      }
    }
    for (key, bases) in messages.sorted(by: { $0.key < $1.key }) {
      let id = try ObjectID(key: key, logs: logs, db)
      if let child = staying[key] {
        let other = try logs.operation(of: child.definition)
        for place in bases { leave(order[place], .continuedSince, of: id, by: other.log) }
      } else {
        gone.insert(key)
        for place in bases { try takeBack(order[place].id, of: id, in: conversation) }
      }
    }
  }

  /// What a source says of a conversation is taken back, unless nothing else does and something of another action is there.
  mutating func undoSources() throws {
    for held in order {
      guard case .importConversation = held.operation.mutation, let (id, key, _) = try object(of: held),
        let row = try ConversationRow.fetch(db, key: key), let shown = row.source
      else { continue }
      let taken = try reader.taken(from: key)
      let isTaken = taken.contains(held.id)
      guard try !(isTaken && reader.isTakenBack(row)) else { continue }
      let left = try reader.sources(of: key, shown).contains { !taken.contains($0.id) && !isUndone($0.id) }
      if left {
        if !isTaken { try takeBack(held.id, of: id, in: key) }
      } else if let other = try foreignValue(of: key) {
        leave(held, .continuedSince, by: other)
      } else {
        try takeBack(held.id, of: id, in: key)
      }
    }
  }
}
