/// Takes back operations on the target: they count as not done; see ``Withdrawal``.
public struct Withdraw: Hashable, Sendable {
  /// What is taken back: what made or imported the target, writes to its registers, additions to its sets, removals.
  public var operations: [OperationID]

  /// Takes back `operations`.
  public init(operations: [OperationID]) {
    self.operations = operations
  }
}

/// Ends withdrawals: what they took back counts again.
public struct Reinstate: Hashable, Sendable {
  /// The withdrawals, of the same target.
  public var withdrawals: [OperationID]

  /// Ends `withdrawals`.
  public init(withdrawals: [OperationID]) {
    self.withdrawals = withdrawals
  }
}

/// Says that what an edit inserts is what was in the text before and was deleted: it came again, because that was undone.
///
/// It changes nothing by itself. But who undoes what inserted it at first means these scalars too, and who undoes what they
/// came from.
public struct RegainText: Hashable, Sendable {
  /// The edit.
  public var operation: OperationID
  /// Where all that it inserts was before, in order; as many scalars in all.
  public var origins: [TextOrigin]

  /// What `operation` inserted was at `origins` before.
  public init(operation: OperationID, origins: [TextOrigin]) {
    self.operation = operation
    self.origins = origins
  }
}

/// A stretch of scalars that one operation inserted, or that a text began with.
public struct TextOrigin: Hashable, Sendable {
  /// What inserted them; nil where the text began with them.
  public var operation: OperationID?
  /// Where they lie among all that it inserted.
  public var offset: Int
  /// How many there are; at least one.
  public var count: Int

  /// `count` scalars from `offset` on of what `operation` inserted.
  public init(operation: OperationID?, offset: Int, count: Int) {
    self.operation = operation
    self.offset = offset
    self.count = count
  }
}

/// Says which actions the action that it stands in undoes. It changes nothing by itself: so that a list of actions can tell.
public struct UndoActions: Hashable, Sendable {
  /// The first operation of each action.
  public var actions: [OperationID]

  /// Undoes `actions`.
  public init(actions: [OperationID]) {
    self.actions = actions
  }
}
