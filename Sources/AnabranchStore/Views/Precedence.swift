internal import AnabranchCore

/// What decides between imports of one object that differ: the newest by the source's own time, then the hash of the
/// content, then the operation.
struct Precedence: Comparable {
  let updated: Int64?
  let content: Digest
  let operation: OperationID

  static func < (a: Self, b: Self) -> Bool {
    (a.updated ?? -1, a.content, a.operation) < (b.updated ?? -1, b.content, b.operation)
  }
}
