/// What decides between imports of one object that differ: the newest by the source's own time, then the hash of the
/// content, then the operation. The greatest shows, whole.
public struct ImportPrecedence: Hashable, Comparable, Sendable {
  /// When the source changed the object last, milliseconds since 1970; nil where it does not say.
  public var updated: Int64?
  /// The hash of what the import says.
  public var content: Digest
  /// The import.
  public var operation: OperationID

  /// The precedence of `operation`, which says what has the hash `content`, as of `updated` by its source.
  public init(updated: Int64?, content: Digest, operation: OperationID) {
    self.updated = updated
    self.content = content
    self.operation = operation
  }

  /// Whether `b` goes before `a`.
  public static func < (a: Self, b: Self) -> Bool {
    (a.updated ?? -1, a.content, a.operation) < (b.updated ?? -1, b.content, b.operation)
  }

  /// The import that shows: of those that are not `withdrawn` the greatest; of all, where all are. O(imports).
  public static func winner(of imports: [Self], without withdrawn: Set<OperationID>) -> Self? {
    imports.filter { !withdrawn.contains($0.operation) }.max() ?? imports.max()
  }
}
