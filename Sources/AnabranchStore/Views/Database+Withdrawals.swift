internal import AnabranchCore
internal import GRDB

extension Database {
  /// Whether anything was ever taken back.
  func hasWithdrawals() throws -> Bool {
    try first("SELECT EXISTS(SELECT 1 FROM withdrawal) OR EXISTS(SELECT 1 FROM reinstatement)") { _ in
    } _: {
      try $0.integer(0) != 0
    } ?? false
  }

  /// Whether something that was done to an object is taken back.
  func hasWithdrawals(of object: ObjectKey) throws -> Bool {
    try first("SELECT 1 FROM withdrawal WHERE object = ? LIMIT 1") {
      $0.add(object)
    } _: { _ in
      true
    } ?? false
  }

  /// Whether an undo ever brought words of a text again.
  func hasRegained() throws -> Bool {
    try first("SELECT 1 FROM regained LIMIT 1") { _ in
    } _: { _ in
      true
    } ?? false
  }

  /// The withdrawals that stand of what was done to an object, in the order of their keys.
  func withdrawals(of object: ObjectKey) throws -> [OperationKey] {
    try keys("SELECT operation FROM withdrawal WHERE object = ? ORDER BY operation", object)
  }

  /// The ends of withdrawals of what was done to an object, in the order of their keys.
  func reinstatements(of object: ObjectKey) throws -> [OperationKey] {
    try keys("SELECT operation FROM reinstatement WHERE object = ? ORDER BY operation", object)
  }

  /// What was done to an object and does not show.
  func unshown(of object: ObjectKey) throws -> [OperationKey] {
    try keys("SELECT operation FROM unshown WHERE object = ?", object)
  }

  /// The messages of a conversation of which something is taken back.
  func messagesWithdrawn(in conversation: ObjectKey) throws -> Set<ObjectKey> {
    var messages: Set<ObjectKey> = []
    for table in MessageRow.Table.allCases {
      messages.formUnion(
        try ofMessages(in: conversation, from: table) {
          "SELECT DISTINCT key FROM \($0) JOIN withdrawal ON object = key"
        } _: {
          try $0.integer(0)
        })
    }
    return messages
  }

  /// What a statement over one object returns.
  func keys(_ sql: String, _ object: ObjectKey) throws -> [OperationKey] {
    try all(sql) {
      $0.add(object)
    } _: {
      OperationKey(rawValue: try $0.integer(0))
    }
  }
}
