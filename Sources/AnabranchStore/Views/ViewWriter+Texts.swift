internal import AnabranchCore
internal import AnabranchWire
internal import GRDB

extension ViewWriter {
  /// Notes `operation`, on a text of `target`, which the state counts as `item`.
  func edit(
    _ text: TextKind, of target: ObjectID, _ item: StateItem, _ operation: Operation, _ applied: Applied,
    _ logs: LogState
  ) throws {
    let object = try key(of: target, logs: logs)
    try note(operation, of: applied.id, on: TextKey(object: object, text: text))
    try db.run("INSERT OR REPLACE INTO edit(object, text, operation) VALUES(?, ?, ?)") { values in
      values.add(object)
      values.add(Int64(text.rawValue))
      values.add(applied.key.rawValue)
    }
    guard text == .body else {
      try add(item, to: object)
      return try touch(object, target, by: applied.key, logs)
    }
    let conversations = try db.conversations(of: object, logs)
    // An imported message may stand in several conversations: its text is counted under its own name.
    try add(item, to: object < 0 ? object : conversations.first ?? object)
    for conversation in conversations {
      try reconsider(object, in: conversation)
      try touch(conversation, try objectID(of: conversation, logs: logs), by: applied.key, logs)
    }
  }
}

extension Database {
  /// The operations on a text, in the order of their keys.
  func edits(of text: TextKind, of object: ObjectKey) throws -> [OperationKey] {
    try all("SELECT operation FROM edit WHERE object = ? AND text = ? ORDER BY operation") { values in
      values.add(object)
      values.add(Int64(text.rawValue))
    } _: {
      OperationKey(rawValue: try $0.integer(0))
    }
  }

  /// The operations on all texts of an object, text by text, in the order of their keys.
  func edits(of object: ObjectKey) throws -> [OperationKey] {
    try all("SELECT operation FROM edit WHERE object = ? ORDER BY text, operation") {
      $0.add(object)
    } _: {
      OperationKey(rawValue: try $0.integer(0))
    }
  }
}
