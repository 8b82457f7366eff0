/// Decides whether a conversation lies in the trash.
///
/// A deletion hides what its writer had seen. Anything else that was done to the conversation, a restore
/// included, brings it back, also when it happened at the same time: so restoring beats a concurrent deletion,
/// and no turn written elsewhere is ever swallowed. What an import tells does not count as done by a person.
public struct Deletion: Hashable, Sendable {
  /// The operation that deleted.
  public var operation: OperationID
  /// All its writer had seen of other logs.
  public var seen: VersionVector

  /// The deletion `operation` by somebody who had seen `seen`.
  public init(operation: OperationID, seen: VersionVector) {
    self.operation = operation
    self.seen = seen
  }

  /// Whether it hides `other`: what its writer had seen, and what came before it in its own log.
  public func covers(_ other: OperationID) -> Bool {
    other.log == operation.log ? other <= operation : seen.contains(other.change)
  }

  /// Whether one of `deletions` covers everything in `activity`: the last thing done in each log.
  ///
  /// O(deletions × logs).
  public static func hides(_ deletions: [Deletion], activity: [OperationID]) -> Bool {
    deletions.contains { deletion in activity.allSatisfy(deletion.covers) }
  }
}
