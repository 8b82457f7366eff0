/// The versions of a text that its devices' changes made, one after the other: what it said after each.
///
/// They are in the order of their hybrid times, which is one that its writers could have seen; edits made at the same
/// time on several devices are merged one by one.
public struct TextRevisions: Sendable {
  /// A version of the text.
  public struct Revision: Hashable, Sendable {
    /// The change that made it.
    public var change: ChangeID
    /// When that was made.
    public var time: HybridTime
    /// How many scalars it inserted.
    public var inserted: Int
    /// How many scalars it deleted.
    public var deleted: Int
  }

  /// What the text began with; empty where it began with nothing.
  public let base: PartialText
  /// What changed it, in order.
  public let revisions: [Revision]
  private let operations: [[TextOperation]]

  /// The versions of a text that began as `base`, and to which `operations` were done, each at its change's time.
  /// O(n log n).
  public init(base: PartialText, _ operations: [(operation: TextOperation, time: HybridTime)]) {
    self.base = base
    let ascending = operations.sorted { ($0.time, $0.operation.id) < ($1.time, $1.operation.id) }
    var revisions: [Revision] = []
    var groups: [[TextOperation]] = []
    for (operation, time) in ascending {
      if revisions.last?.change != operation.id.change {
        revisions.append(Revision(change: operation.id.change, time: time, inserted: 0, deleted: 0))
        groups.append([])
      }
      revisions[revisions.count - 1].inserted += operation.edits.insertedCount
      revisions[revisions.count - 1].deleted += operation.edits.reduce(0) { $0 + ($1.isDeletion ? $1.count : 0) }
      groups[groups.count - 1].append(operation)
    }
    self.revisions = revisions
    self.operations = groups
  }

  /// All operations that changed it, in the order of the revisions.
  public var operationNames: [OperationID] {
    operations.joined().map(\.id)
  }

  /// The text after the first `count` of ``revisions``: the beginning for 0, what it says now for all. More than there
  /// are count as all. O(history up to there).
  public func document(after count: Int) -> TextDocument {
    TextDocument(base: base, operations.prefix(max(0, count)).flatMap(\.self))
  }
}
