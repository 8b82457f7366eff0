internal import AnabranchCore
internal import AnabranchWire
internal import GRDB

extension ViewWriter {
  func writeRegister(
    _ write: WriteRegister, of target: ObjectID, _ applied: Applied, _ logs: LogState
  ) throws {
    let object = try key(of: target, logs: logs)
    var register = try db.register(write.register, of: object, logs)
    let before = register.live
    if try buildsOnWithdrawn(write, of: object, on: before) {
      try noteUnshown(applied.key, of: object)
      try settle(write.register, of: object, target, logs)
      return try touch(object, target, by: applied.key, logs)
    }
    register.apply(
      MultiValueRegister.Write(operation: applied.id, time: applied.time), replacing: write.predecessors)

    for replaced in before where !register.live.contains(replaced) {
      let key = try logs.heldKey(of: replaced.operation)
      try delete(key, from: write.register, of: object)
      try noteUnshown(key, of: object)
      let content = try db.operation(key, logs).operation.contentHash
      try remove(
        .register(target, write.register, replaced.operation, time: replaced.time, content: content),
        from: object)
    }
    try save(.init(operation: applied.id, time: applied.time), at: applied.key, in: write.register, of: object)
    try add(
      .register(target, write.register, applied.id, time: applied.time, content: applied.content), to: object)
    try touch(object, target, by: applied.key, logs)
  }

  func addElement(_ add: AddElement, to target: ObjectID, _ applied: Applied, _ logs: LogState) throws {
    let object = try key(of: target, logs: logs)
    try save(applied.key, in: add.set, of: object)
    try self.add(.element(target, add.set, applied.id, content: applied.content), to: object)
    try reconsiderHolders(of: object, add.set, logs)
    try touch(object, target, by: applied.key, logs)
  }

  func removeElement(
    _ remove: RemoveElement, from target: ObjectID, _ applied: Applied, _ logs: LogState
  ) throws {
    let object = try key(of: target, logs: logs)
    // Taken back, it gives back what it removed.
    try noteUnshown(applied.key, of: object)
    for addition in remove.additions {
      let key = try logs.heldKey(of: addition)
      try delete(key, from: remove.set, of: object)
      guard db.changesCount > 0 else { continue }
      try noteUnshown(key, of: object)
      let content = try db.operation(key, logs).operation.contentHash
      try self.remove(.element(target, remove.set, addition, content: content), from: object)
    }
    try reconsiderHolders(of: object, remove.set, logs)
    try touch(object, target, by: applied.key, logs)
  }

  func save(
    _ write: MultiValueRegister.Write, at key: OperationKey, in register: RegisterKind, of object: ObjectKey
  ) throws {
    try db.run("INSERT OR REPLACE INTO register(object, register, operation, time) VALUES(?, ?, ?, ?)") { values in
      values.add(object)
      values.add(Int64(register.rawValue))
      values.add(key.rawValue)
      values.add(Int64(bitPattern: write.time.rawValue))
    }
  }

  func delete(_ write: OperationKey, from register: RegisterKind, of object: ObjectKey) throws {
    try db.run("DELETE FROM register WHERE object = ? AND register = ? AND operation = ?") { values in
      values.add(object)
      values.add(Int64(register.rawValue))
      values.add(write.rawValue)
    }
  }

  func save(_ addition: OperationKey, in set: SetKind, of object: ObjectKey) throws {
    try db.run("INSERT OR REPLACE INTO element(object, kind, operation) VALUES(?, ?, ?)") { values in
      values.add(object)
      values.add(Int64(set.rawValue))
      values.add(addition.rawValue)
    }
  }

  func delete(_ addition: OperationKey, from set: SetKind, of object: ObjectKey) throws {
    try db.run("DELETE FROM element WHERE object = ? AND kind = ? AND operation = ?") { values in
      values.add(object)
      values.add(Int64(set.rawValue))
      values.add(addition.rawValue)
    }
  }

  /// Joins how far a conversation was read: of each log the greater.
  func markRead(_ mark: MarkRead, in target: ObjectID, _ logs: LogState) throws {
    let conversation = try key(of: target, logs: logs)
    var last = try db.lastRead(in: conversation)
    for message in mark.messages {
      let key = try logs.heldKey(of: message)
      if let before = last[key.ordinal] {
        guard before < key else { continue }
        try remove(.read(target, try logs.operation(of: before)), from: conversation)
      }
      last[key.ordinal] = key
      try db.run("INSERT OR REPLACE INTO reading(conversation, log, message) VALUES(?, ?, ?)") { values in
        values.add(conversation)
        values.add(Int64(key.ordinal))
        values.add(key.rawValue)
      }
      try add(.read(target, message), to: conversation)
    }
  }

  func trash(_ target: ObjectID, seen: VersionVector, _ applied: Applied, _ logs: LogState) throws {
    let conversation = try key(of: target, logs: logs)
    try db.cachedStatement(sql: "INSERT OR REPLACE INTO deletion(conversation, operation) VALUES(?, ?)")
      .execute(arguments: [conversation, applied.key.rawValue])
    try update(conversation) { $0.trashed = $0.trashed ?? false }
    try add(.deletion(target, Deletion(operation: applied.id, seen: seen)), to: conversation)
    try reconsiderTrash(of: conversation)
  }

  /// Decides whether a conversation lies in the trash, by what was done to it and what its deletions had seen.
  func decideTrash(of key: ObjectKey, logs: LogState) throws {
    let deletions = try db.deletions(of: key, logs)
    let activity = try db.activity(of: key, conversation(key).activity, logs)
    try update(key) { $0.trashed = Deletion.hides(deletions, activity: activity) }
  }
}

extension Database {
  /// The last thing that each log did to a conversation, messages included.
  func activity(of key: ObjectKey, _ logs: LogState) throws -> [OperationID] {
    try activity(of: key, ConversationRow.fetch(self, key: key)?.activity ?? [], logs)
  }

  /// The same, where `others` are the last things that were done, messages apart.
  fileprivate func activity(
    of key: ObjectKey, _ others: [OperationKey], _ logs: LogState
  ) throws -> [OperationID] {
    try (others + lastMessages(of: key, logs)).map { try logs.operation(of: $0) }
  }

  /// The writes to a register that stand.
  func register(_ kind: RegisterKind, of object: ObjectKey, _ logs: LogState) throws -> MultiValueRegister {
    let live = try all("SELECT operation, time FROM register WHERE object = ? AND register = ?") { values in
      values.add(object)
      values.add(Int64(kind.rawValue))
    } _: { columns in
      MultiValueRegister.Write(
        operation: try logs.operation(of: OperationKey(rawValue: columns.integer(0))),
        time: HybridTime(rawValue: UInt64(bitPattern: try columns.integer(1))))
    }
    return MultiValueRegister(live: live)
  }

  /// By log, the last message that was read in a conversation.
  func lastRead(in conversation: ObjectKey) throws -> [Int: OperationKey] {
    let rows = try all("SELECT message FROM reading WHERE conversation = ? ORDER BY log") {
      $0.add(conversation)
    } _: {
      OperationKey(rawValue: try $0.integer(0))
    }
    return Dictionary(rows.map { ($0.ordinal, $0) }) { first, _ in first }
  }

  /// The additions to a set that stand.
  func additions(_ kind: SetKind, of object: ObjectKey) throws -> [OperationKey] {
    try all("SELECT operation FROM element WHERE object = ? AND kind = ? ORDER BY operation") { values in
      values.add(object)
      values.add(Int64(kind.rawValue))
    } _: {
      OperationKey(rawValue: try $0.integer(0))
    }
  }

  /// The deletions of a conversation, with what their writers had seen.
  func deletions(of conversation: ObjectKey, _ logs: LogState) throws -> [Deletion] {
    let keys = try all("SELECT operation FROM deletion WHERE conversation = ? ORDER BY operation") {
      $0.add(conversation)
    } _: {
      OperationKey(rawValue: try $0.integer(0))
    }
    return try keys.compactMap { key in
      let held = try operation(key, logs)
      guard case .trash = held.operation.mutation else { return nil }
      return Deletion(operation: held.id, seen: held.change.seen)
    }
  }
}
