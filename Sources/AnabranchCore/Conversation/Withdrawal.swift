/// Takes back what was done to one object: what it names counts as not done, as long as the withdrawal stands.
///
/// So a withdrawn title gives way to the one it replaced, a withdrawn tag is gone and a withdrawn removal of it never was,
/// and of an imported body that comes in several versions the best shows that nobody withdrew. A withdrawal stands until a
/// ``Reinstate`` names it. It undoes what it names and nothing else: an observed removal, of operations.
public struct Withdrawal: Hashable, Sendable {
  /// The operation that withdrew.
  public var operation: OperationID
  /// All its writer had seen of other logs.
  public var seen: VersionVector
  /// What it takes back.
  public var operations: [OperationID]

  /// The withdrawal of `operations` by `operation`, whose writer had seen `seen`.
  public init(operation: OperationID, seen: VersionVector, operations: [OperationID]) {
    self.operation = operation
    self.seen = seen
    self.operations = operations
  }

  /// Whether its writer had seen `other`, or wrote it before.
  public func covers(_ other: OperationID) -> Bool {
    Deletion(operation: operation, seen: seen).covers(other)
  }

  /// The same of a change.
  public func covers(_ change: ChangeID) -> Bool {
    change.log == operation.log ? change.sequence <= operation.sequence : seen.contains(change)
  }

  /// Whether `withdrawals` take back an object that `bases` made, or imported: each of these is named, and those who did so
  /// had seen all of `activity`, what people did to it since.
  ///
  /// Anything else brings it back, so that nothing is lost that was typed into it without knowledge of its end.
  /// O(withdrawals × (named + activity)).
  public static func hide(
    _ withdrawals: [Withdrawal], bases: [OperationID], activity: @autoclosure () throws -> [OperationID]
  ) rethrows -> Bool {
    let ending = withdrawals.filter { $0.operations.contains(where: bases.contains) }
    guard !ending.isEmpty, bases.allSatisfy({ base in ending.contains { $0.operations.contains(base) } }) else {
      return false
    }
    return try activity().allSatisfy { done in ending.contains { $0.covers(done) } }
  }
}
