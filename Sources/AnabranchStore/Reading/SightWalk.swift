internal import AnabranchCore
internal import GRDB

/// Finds whether the writer of a change had seen a deletion.
///
/// Looks through what that change builds on, and not at what the deletion covers, which comes before it. Of each log the first
/// changes come first: who goes on with a conversation mostly heard of its deletion soon. O(changes since the deletion).
struct SightWalk {
  private let state: LogState
  private let deletion: Deletion
  private var reading: ReadAhead
  /// Up to which change of each log its past goes, as far as that was found, and how far each was looked through.
  private var ends: [LogID: UInt32] = [:]
  private var walked: [LogID: UInt32] = [:]

  init(_ state: LogState, _ db: Database, of deletion: Deletion) {
    (self.state, self.deletion, reading) = (state, deletion, ReadAhead(db, state))
  }

  /// Whether it was seen by who wrote `operation`. To be asked once.
  mutating func isSeen(by operation: OperationID) throws -> Bool {
    guard operation.log != deletion.operation.log else { return operation > deletion.operation }
    if reach(operation.change) { return true }
    while let log = ends.first(where: { walked[$0.key] ?? 0 < $0.value })?.key {
      if try walk(log) { return true }
    }
    return false
  }

  /// Goes up to a change of the past; true where that has the deletion.
  private mutating func reach(_ change: ChangeID) -> Bool {
    if change.log == deletion.operation.log { return change.sequence >= deletion.operation.sequence }
    guard let head = state[change.log]?.head.sequence else { return false }
    let covered = min(deletion.seen[change.log], head)
    if walked[change.log] == nil { walked[change.log] = covered }
    ends[change.log] = max(ends[change.log] ?? covered, min(change.sequence, head))
    return false
  }

  private mutating func walk(_ log: LogID) throws -> Bool {
    let (before, last) = (walked[log] ?? 0, ends[log] ?? 0)
    walked[log] = last
    if before == 0, let parent = state.branches.parent(of: log), let end = state[parent]?.head.sequence,
      reach(ChangeID(log: parent, sequence: end))
    {
      return true
    }
    for sequence in (before + 1)...last {
      for dependency in try reading.dependencies(of: ChangeID(log: log, sequence: sequence)) where reach(dependency) {
        return true
      }
    }
    return false
  }
}
