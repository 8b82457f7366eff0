public import AnabranchCore

extension EditingTrace {
  /// Its transactions as operations, in the same order: each agent has a log, and each transaction is a change.
  public var operations: [TextOperation] {
    var sequences: [Int: UInt32] = [:]
    var operations: [TextOperation] = []
    for (place, transaction) in txns.enumerated() {
      let agent = transaction.agent ?? 0
      sequences[agent, default: 0] += 1
      let parents = transaction.parents ?? (place == 0 ? [] : [place - 1])
      operations.append(
        TextOperation(
          id: OperationID(
            log: LogID(Bytes16(high: UInt64(agent), low: 0)), sequence: sequences[agent] ?? 0, index: 0),
          predecessors: parents.map { operations[$0].id }, edits: transaction.patches.flatMap(\.edits),
          inserted: transaction.patches.flatMap { $0.inserted.utf8 }[...]))
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
