internal import AnabranchCore
internal import AnabranchWire
internal import GRDB

internal import struct Foundation.Data

extension ViewWriter {
  func writeRegister(
    _ write: WriteRegister, of target: ObjectID, _ applied: Applied, _ logs: LogState
  ) throws {
    let object = try key(of: target, logs: logs)
    var register = try db.register(write.register, of: object, logs)
    let before = register.live
    register.apply(
      MultiValueRegister.Write(operation: applied.id, time: applied.time), replacing: write.predecessors)

    for replaced in before where !register.live.contains(replaced) {
      let key = try logs.heldKey(of: replaced.operation)
      try db.cachedStatement(sql: "DELETE FROM register WHERE object = ? AND register = ? AND operation = ?")
        .execute(arguments: [object, write.register.rawValue, key.rawValue])
      let content = try db.operation(key, logs).operation.contentHash
      try remove(
        .register(target, write.register, replaced.operation, time: replaced.time, content: content),
        from: object)
    }
    try db.cachedStatement(
      sql: "INSERT OR REPLACE INTO register(object, register, operation, time) VALUES(?, ?, ?, ?)"
    ).execute(arguments: [
      object, write.register.rawValue, applied.key.rawValue, Int64(bitPattern: applied.time.rawValue),
    ])
    try add(
      .register(target, write.register, applied.id, time: applied.time, content: applied.content), to: object)
    try touch(object, target, by: applied.key, logs)
  }

  func addElement(_ add: AddElement, to target: ObjectID, _ applied: Applied, _ logs: LogState) throws {
    let object = try key(of: target, logs: logs)
    try db.cachedStatement(sql: "INSERT OR REPLACE INTO element(object, kind, operation) VALUES(?, ?, ?)")
      .execute(arguments: [object, add.set.rawValue, applied.key.rawValue])
    try self.add(.element(target, add.set, applied.id, content: applied.content), to: object)
    try touch(object, target, by: applied.key, logs)
  }

  func removeElement(
    _ remove: RemoveElement, from target: ObjectID, _ applied: Applied, _ logs: LogState
  ) throws {
    let object = try key(of: target, logs: logs)
    for addition in remove.additions {
      let key = try logs.heldKey(of: addition)
      try db.cachedStatement(sql: "DELETE FROM element WHERE object = ? AND kind = ? AND operation = ?")
        .execute(arguments: [object, remove.set.rawValue, key.rawValue])
      guard db.changesCount > 0 else { continue }
      let content = try db.operation(key, logs).operation.contentHash
      try self.remove(.element(target, remove.set, addition, content: content), from: object)
    }
    try touch(object, target, by: applied.key, logs)
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
    var activity = try conversation(key).activity.map { try logs.operation(of: $0) }
    for ordinal in logs.records.indices {
      let keys = OperationKey.range(ofOrdinal: ordinal)
      let last = try Int64.fetchOne(
        db.cachedStatement(
          sql: "SELECT max(key) FROM message WHERE conversation = ? AND key BETWEEN ? AND ?"),
        arguments: [key, keys.lowerBound, keys.upperBound])
      if let last { activity.append(try logs.operation(of: OperationKey(rawValue: last))) }
    }
    try update(key) { $0.trashed = Deletion.hides(deletions, activity: activity) }
  }
}

extension Database {
  /// The writes to a register that stand.
  func register(_ kind: RegisterKind, of object: ObjectKey, _ logs: LogState) throws -> MultiValueRegister {
    let rows = try Row.fetchAll(
      cachedStatement(sql: "SELECT operation, time FROM register WHERE object = ? AND register = ?"),
      arguments: [object, kind.rawValue])
    return MultiValueRegister(
      live: try rows.map { row in
        MultiValueRegister.Write(
          operation: try logs.operation(of: OperationKey(rawValue: row.decode(atIndex: 0))),
          time: HybridTime(rawValue: UInt64(bitPattern: try row.decode(atIndex: 1))))
      })
  }

  /// The additions to a set that stand.
  func additions(_ kind: SetKind, of object: ObjectKey) throws -> [OperationKey] {
    try Int64.fetchAll(
      cachedStatement(sql: "SELECT operation FROM element WHERE object = ? AND kind = ? ORDER BY operation"),
      arguments: [object, kind.rawValue]
    ).map(OperationKey.init(rawValue:))
  }

  /// The deletions of a conversation, with what their writers had seen.
  func deletions(of conversation: ObjectKey, _ logs: LogState) throws -> [Deletion] {
    let keys = try Int64.fetchAll(
      cachedStatement(sql: "SELECT operation FROM deletion WHERE conversation = ? ORDER BY operation"),
      arguments: [conversation])
    return try keys.compactMap { key in
      let held = try operation(OperationKey(rawValue: key), logs)
      guard case .trash = held.operation.mutation else { return nil }
      return Deletion(operation: held.id, seen: held.change.seen)
    }
  }
}
