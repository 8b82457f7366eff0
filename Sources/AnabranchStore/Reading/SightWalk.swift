internal import AnabranchCore
internal import GRDB

/// Finds which deletions of a conversation the writers of other operations had seen.
///
/// Looks through the changes once for all deletions, each log from the first change on that some deletion had not seen, and no further
/// than it is asked: who goes on with a conversation mostly heard of its deletion soon. So all questions together cost
/// O(changes that some deletion had not seen × logs with deletions), at most.
struct SightWalk {
  private let state: LogState
  private let deletions: [Deletion]
  private var reading: ReadAhead
  /// How far each log was looked through.
  private var walked: [LogID: UInt32] = [:]
  /// By log, and log with deletions, ascending: the first change by which the one had each deletion of the other, as far as it was
  /// looked through. Who has a deletion has those before it in its log.
  private var heard: [LogID: [LogID: [UInt32]]] = [:]

  /// A walk that tells of these deletions.
  init(_ state: LogState, _ db: Database, of deletions: [Deletion]) {
    (self.state, self.deletions, reading) = (state, deletions, ReadAhead(db, state))
    for (log, own) in Dictionary(grouping: deletions.map(\.operation), by: \.log) {
      heard[log] = [log: Set(own.map(\.sequence)).sorted()]
    }
  }

  /// Whether a deletion, one of those that it was made with, was seen by who wrote `operation`.
  mutating func isSeen(_ deletion: Deletion, by operation: OperationID) throws -> Bool {
    let (log, other) = (operation.log, deletion.operation.log)
    guard log != other else { return operation > deletion.operation }
    guard let place = heard[other]?[other]?.firstIndex(of: deletion.operation.sequence),
      let head = state[log]?.head.sequence
    else { return false }
    while true {
      if let heard = heard[log]?[other], place < heard.count { return heard[place] <= operation.sequence }
      let next = walked(log) + 1
      guard next <= min(operation.sequence, head) else { return false }
      try walk(log, to: next)
    }
  }

  /// How far a log was looked through; first, up to where all deletions had seen it.
  private mutating func walked(_ log: LogID) -> UInt32 {
    if let known = walked[log] { return known }
    let covered = deletions.map { deletion in
      deletion.operation.log == log ? max(deletion.operation.sequence, 1) - 1 : deletion.seen[log]
    }
    let start = min(covered.min() ?? 0, state[log]?.head.sequence ?? 0)
    walked[log] = start
    return start
  }

  /// Looks through a log up to a change that is held, and first through what its changes build on.
  private mutating func walk(_ log: LogID, to last: UInt32) throws {
    var waiting = [(log: log, last: last)]
    while let (log, last) = waiting.last {
      let sequence = walked(log) + 1
      guard sequence <= last else {
        waiting.removeLast()
        continue
      }
      let dependencies = try dependencies(of: ChangeID(log: log, sequence: sequence))
      // A damaged history might go in a circle, and is not followed there.
      let next = dependencies.first { dependency in
        walked(dependency.log) < dependency.sequence && !waiting.contains { $0.log == dependency.log }
      }
      if let next {
        waiting.append((next.log, next.sequence))
        continue
      }
      for dependency in dependencies { hear(dependency, by: sequence, in: log) }
      walked[log] = sequence
    }
  }

  /// What a change builds on in other logs, as far as it is held; of a branch with the logs that it goes on from.
  private mutating func dependencies(of change: ChangeID) throws -> [ChangeID] {
    try reading.dependencies(of: change).compactMap { dependency in
      state[dependency.log].map { ChangeID(log: dependency.log, sequence: min(dependency.sequence, $0.head.sequence)) }
    }
  }

  /// Takes in what a change of another log had, for a change that builds on it.
  private mutating func hear(_ dependency: ChangeID, by sequence: UInt32, in log: LogID) {
    for (other, theirs) in heard[dependency.log] ?? [:] where other != log {
      let known = heard[log]?[other]?.count ?? 0
      let new = theirs.dropFirst(known).prefix { $0 <= dependency.sequence }.count
      guard new > 0 else { continue }
      heard[log, default: [:]][other, default: []] += [UInt32](repeating: sequence, count: new)
    }
  }
}
