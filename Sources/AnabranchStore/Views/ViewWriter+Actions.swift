internal import AnabranchCore
internal import AnabranchWire
internal import GRDB

/// Which changes an action has, and which actions undo which.
extension ViewWriter {
  /// Notes that a change goes on with an action that another one began. An action of one change has no row.
  func noteAction(of change: Change, _ logs: LogState) throws {
    let begin = ChangeID(log: change.id.log, sequence: change.action)
    guard let first = logs.key(of: begin), let last = logs.key(of: change.id) else { return }
    var row = try actions[first] ?? db.actionRow(first)
    if row == nil {
      row = ActionRow(first: first, last: first, changes: 1)
      if let begun = try db.change(first, logs) { row?.count(begun) }
    }
    row?.last = last
    row?.changes += 1
    row?.count(change)
    actions[first] = row
  }

  /// Writes the actions that went on.
  func finishActions() throws {
    for row in actions.values.sorted(by: { $0.first.rawValue < $1.first.rawValue }) { try row.save(db) }
    actions = [:]
  }

  func undo(_ undo: UndoActions, _ applied: Applied, _ logs: LogState) throws {
    for action in undo.actions {
      guard let key = logs.key(of: action.change) else { continue }
      try db.run("INSERT OR REPLACE INTO undoing(action, operation) VALUES(?, ?)") { values in
        values.add(key.rawValue)
        values.add(applied.key.rawValue)
      }
    }
  }
}

extension ViewWriter {
  /// Notes that what an edit inserted was in its text before.
  func regainText(_ regain: RegainText, _ applied: Applied, _ logs: LogState) throws {
    let edit = try logs.heldKey(of: regain.operation)
    try db.run("INSERT OR REPLACE INTO regained(edit, operation) VALUES(?, ?)") { values in
      values.add(edit.rawValue)
      values.add(applied.key.rawValue)
    }
  }
}

/// An action of several changes.
struct ActionRow {
  let first: ChangeKey
  var last: ChangeKey
  var changes: Int64
  /// Imports of conversations, and of messages, in all of them.
  var conversations: Int64 = 0
  var messages: Int64 = 0

  init(first: ChangeKey, last: ChangeKey, changes: Int64) {
    self.first = first
    self.last = last
    self.changes = changes
  }

  /// Whether no change of another action lies between its own.
  var isTogether: Bool {
    changes == Int64(last.sequence) - Int64(first.sequence) + 1
  }

  mutating func count(_ change: Change) {
    for operation in change.operations {
      switch operation.mutation {
      case .importConversation: conversations += 1
      case .importMessage: messages += 1
      default: break
      }
    }
  }

  func save(_ db: Database) throws {
    let sql = "INSERT OR REPLACE INTO action(first, last, changes, conversations, messages) VALUES(?, ?, ?, ?, ?)"
    try db.run(sql) { values in
      values.add(first.rawValue)
      values.add(last.rawValue)
      values.add(changes)
      values.add(conversations)
      values.add(messages)
    }
  }
}

extension Database {
  /// The action of several changes that begins with `first`; nil where it has only that one.
  func actionRow(_ first: ChangeKey) throws -> ActionRow? {
    try self.first("SELECT last, changes, conversations, messages FROM action WHERE first = ?") {
      $0.add(first.rawValue)
    } _: { columns in
      var row = ActionRow(
        first: first, last: ChangeKey(rawValue: try columns.integer(0)), changes: try columns.integer(1))
      row.conversations = try columns.integer(2)
      row.messages = try columns.integer(3)
      return row
    }
  }

  /// The operations that say they undo the action that begins with `first`, in the order of their keys.
  func undoings(of first: ChangeKey) throws -> [OperationKey] {
    try all("SELECT operation FROM undoing WHERE action = ? ORDER BY operation") {
      $0.add(first.rawValue)
    } _: {
      OperationKey(rawValue: try $0.integer(0))
    }
  }
}
