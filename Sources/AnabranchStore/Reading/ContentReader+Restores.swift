internal import AnabranchCore
internal import AnabranchWire
internal import GRDB

extension ContentReader {
  /// So many changes of a log are looked through at most for what took a conversation out of the trash.
  private static let restoresLookedThrough: UInt32 = 65_536

  /// Who restored a conversation after one of its deletions, or without knowing of it: of the logs that ``SightWalk`` goes through too,
  /// up to `last`, the last thing that each of them did to it. No view has them: of each log at most 65,536 changes are looked through,
  /// those behind the last deletion before those behind the one before that. O(these).
  func restores(of conversation: ObjectKey, after deletions: [Deletion], upTo last: [OperationID]) throws
    -> [OperationID]
  {
    var (restores, reading): ([OperationID], ReadAhead) = ([], ReadAhead(db, logs))
    for last in last.sorted() {
      var (end, left) = (min(last.sequence, logs[last.log]?.head.sequence ?? 0), Self.restoresLookedThrough)
      let starts = deletions.compactMap { deletion -> UInt32? in
        if deletion.operation.log == last.log { return max(deletion.operation.sequence, 1) }
        let covered = deletion.seen[last.log]
        return covered < end ? covered + 1 : nil
      }
      for start in Set(starts).sorted(by: >) where start <= end && left > 0 {
        let piece = start...start + min(end - start, left - 1)
        for sequence in piece {
          restores += try self.restores(
            of: conversation, in: reading.change(ChangeID(log: last.log, sequence: sequence)))
        }
        (end, left) = (start - 1, left - UInt32(piece.count))
      }
    }
    return restores
  }

  private func restores(of conversation: ObjectKey, in change: Change) throws -> [OperationID] {
    try change.operations.compactMap { operation in
      guard operation.mutation == .restore, let target = operation.envelope.target,
        try db.key(of: target, logs) == conversation
      else { return nil }
      let id = OperationID(log: change.id.log, sequence: change.id.sequence, index: operation.index)
      return try isUncounted(id) ? nil : id
    }
  }
}
