internal import AnabranchCore
internal import AnabranchWire
internal import GRDB

extension ViewWriter {
  /// Notes an operation on an object that no other view has, or has any more: what it says is still in the log, and goes
  /// with the object where that is purged.
  func noteUnshown(_ operation: OperationKey, of object: ObjectKey) throws {
    try db.run("INSERT OR REPLACE INTO unshown(object, operation) VALUES(?, ?)") { values in
      values.add(object)
      values.add(operation.rawValue)
    }
  }

  func purge(_ target: ObjectID, _ purge: Purge, _ applied: Applied, _ logs: LogState) throws {
    let object = try key(of: target, logs: logs)
    try db.run("INSERT OR REPLACE INTO purge(object, operation) VALUES(?, ?)") { values in
      values.add(object)
      values.add(applied.key.rawValue)
    }
    hasPurges = true
    try reconsiderTexts(takenWith: object)
    let conversations = try object < 0 ? [] : db.conversations(of: object, logs)
    // An imported message may stand in several conversations: what is done to it is counted under its own name.
    let holder = conversations.first ?? object
    if holder == object { try update(object) { $0.purged = true } }
    try add(.purge(target, applied.id), to: holder)
    let due = purge.isImmediate ? 0 : applied.time.milliseconds + Purge.graceMs
    try db.scheduleErasure(of: applied.key, due: due)
    guard purge.isImmediate else { return }
    // What was to wait for its day goes with it.
    try db.run("UPDATE erasure SET due = 0 WHERE purge IN (SELECT operation FROM purge WHERE object = ?)") {
      $0.add(object)
    }
  }

  func purgePast(_ target: ObjectID, _ purge: PurgePast, _ applied: Applied, _ logs: LogState) throws {
    let object = try key(of: target, logs: logs)
    let operation = try logs.heldKey(of: purge.operation)
    try db.run("INSERT OR REPLACE INTO redaction(object, operation, purge) VALUES(?, ?, ?)") { values in
      values.add(object)
      values.add(operation.rawValue)
      values.add(applied.key.rawValue)
    }
    try rebuildTexts(of: object)
    // What counts as done to a message counts for its conversation, unless it was imported: then under its own name.
    let conversations = try object < 0 ? [] : db.conversations(of: object, logs)
    try add(
      .purgePast(applied.id, in: target, purge, content: applied.content), to: conversations.first ?? object)
    let due = purge.isImmediate ? 0 : applied.time.milliseconds + Purge.graceMs
    try db.scheduleErasure(of: applied.key, due: due)
  }

  func receipt(_ receipt: PurgeReceipt, _ applied: Applied, _ logs: LogState) throws {
    for purge in receipt.purges {
      let key = try logs.heldKey(of: purge)
      try db.run("INSERT OR REPLACE INTO receipt(purge, operation) VALUES(?, ?)") { values in
        values.add(key.rawValue)
        values.add(applied.key.rawValue)
      }
    }
  }

  /// Has a purge carried out once more where `operation`, which says something, comes to an object that it took. One that waits
  /// for its day goes on to.
  func noteIfPurged(_ operation: Operation, of target: ObjectID, _ logs: LogState) throws {
    let hasPurges = try hasPurges ?? db.hasPurges()
    self.hasPurges = hasPurges
    guard hasPurges, let object = try key(heldOf: target, logs) else { return }
    var taken = try db.purges(of: object)
    switch operation.mutation {
    case .createMessage, .importConversation: break
    case .importMessage(let source):
      if let message = try key(heldOf: source.message) { taken += try db.purges(of: message) }
    default:
      for conversation in try db.conversations(of: object, logs) { taken += try db.purges(of: conversation) }
    }
    for purge in taken { try db.repeatErasure(of: purge) }
  }

  private func key(heldOf object: ObjectID, _ logs: LogState) throws -> ObjectKey? {
    guard case .imported(let id) = object else { return try db.key(of: object, logs) }
    return try key(heldOf: id)
  }
}

extension Database {
  /// Whether anything was ever purged.
  func hasPurges() throws -> Bool {
    try first("SELECT 1 FROM purge LIMIT 1") { _ in
    } _: { _ in
      true
    } ?? false
  }

  /// The purges that name an object.
  func purges(of object: ObjectKey) throws -> [OperationKey] {
    try all("SELECT operation FROM purge WHERE object = ? ORDER BY operation") {
      $0.add(object)
    } _: {
      OperationKey(rawValue: try $0.integer(0))
    }
  }

  /// The purges of the past of what an operation said of `object`, or did to its texts, in the order of their keys. One
  /// that names an operation on something else counts for nothing.
  func redactions(of operation: OperationKey, on object: ObjectKey) throws -> [OperationKey] {
    try all("SELECT purge FROM redaction WHERE object = ? AND operation = ? ORDER BY purge") { values in
      values.add(object)
      values.add(operation.rawValue)
    } _: {
      OperationKey(rawValue: try $0.integer(0))
    }
  }

  /// The purges of the past of an object's texts, in the order of their keys.
  func redactions(on object: ObjectKey) throws -> [OperationKey] {
    try all("SELECT purge FROM redaction WHERE object = ? ORDER BY purge") {
      $0.add(object)
    } _: {
      OperationKey(rawValue: try $0.integer(0))
    }
  }

  /// Has the bytes that a purge takes overwritten from `due` on, milliseconds since 1970; sooner where that was said
  /// before.
  fileprivate func scheduleErasure(of purge: OperationKey, due: Int64) throws {
    try run(
      """
      INSERT INTO erasure(purge, due) VALUES(?, ?)
      ON CONFLICT DO UPDATE SET due = min(due, excluded.due), asked = asked + 1
      """
    ) { values in
      values.add(purge.rawValue)
      values.add(due)
    }
  }

  /// Has a purge take also what came since: when it is due, or at once where it was carried out.
  fileprivate func repeatErasure(of purge: OperationKey) throws {
    try run("INSERT INTO erasure(purge, due) VALUES(?, 0) ON CONFLICT DO UPDATE SET asked = asked + 1") {
      $0.add(purge.rawValue)
    }
  }
}
