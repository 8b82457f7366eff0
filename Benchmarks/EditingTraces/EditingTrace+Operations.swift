public import AnabranchCore

extension EditingTrace {
  /// A transaction as an operation on a text.
  public struct Operation: Sendable {
    /// Its name: each agent has a log, and each transaction is a change.
    public var id: OperationID
    /// What it follows.
    public var predecessors: [OperationID]
    /// What it does.
    public var edits: [TextEdit]
    /// The UTF-8 of what it inserts.
    public var inserted: [UInt8]
  }

  /// Its transactions as operations, in the same order.
  public var operations: [Operation] {
    var sequences: [Int: UInt32] = [:]
    var operations: [Operation] = []
    for (place, transaction) in txns.enumerated() {
      let agent = transaction.agent ?? 0
      sequences[agent, default: 0] += 1
      let parents = transaction.parents ?? (place == 0 ? [] : [place - 1])
      operations.append(
        Operation(
          id: OperationID(
            log: LogID(Bytes16(high: UInt64(agent), low: 0)), sequence: sequences[agent] ?? 0, index: 0),
          predecessors: parents.map { operations[$0].id }, edits: transaction.patches.flatMap(\.edits),
          inserted: transaction.patches.flatMap { $0.inserted.utf8 }))
    }
    return operations
  }
}

extension EditingTrace.Patch {
  /// As edits: what is deleted first.
  public var edits: [TextEdit] {
    let count = inserted.unicodeScalars.count
    return (deleted > 0 ? [TextEdit(.deleteForward, at: position, count: deleted)] : [])
      + (count > 0 ? [TextEdit(.insert, at: position, count: count)] : [])
  }
}
