internal import AnabranchCore
internal import AnabranchWire
internal import GRDB

/// Finds what a history had at a point in its past: the smallest part that has what is asked for and, of each change, all that it
/// builds on. O(changes in it).
struct PastWalk {
  private let state: LogState
  private let db: Database
  private var reading: ReadAhead
  /// Up to which change of each log it goes, as far as that was found.
  private var ends: [LogID: UInt32] = [:]
  /// How far of each log it was looked at what its changes build on.
  private var walked: [LogID: UInt32] = [:]
  /// The last change of each log that a change of another one builds on.
  private var built: [LogID: UInt32] = [:]

  init(_ state: LogState, _ db: Database, to point: PastPoint) throws {
    (self.state, self.db, reading) = (state, db, ReadAhead(db, state))
    try walk(to: point)
  }

  /// The walk to a point that has all that this one has; nil where it has not. O(changes that it has in addition).
  func goingOn(to point: PastPoint) throws -> PastWalk? {
    var walk = self
    // Who has its frontier has all of it, and who has less of it has not; so nothing of it needs to be looked through.
    (walk.ends, walk.walked) = ([:], ends)
    try walk.walk(to: point)
    guard frontier.allSatisfy({ $0.sequence <= walk.ends[$0.log] ?? 0 }) else { return nil }
    walk.ends.merge(ends) { max($0, $1) }
    return walk
  }

  private mutating func walk(to point: PastPoint) throws {
    switch point {
    case .moment(let time):
      for record in state.records { reach(ChangeID(log: record.id, sequence: try end(of: record, at: time))) }
    case .changes(let changes):
      for change in changes { reach(change) }
    }
    while let log = ends.first(where: { walked[$0.key] ?? 0 < $0.value })?.key { try walk(log) }
  }

  /// How far it goes in each log.
  var vector: VersionVector {
    VersionVector(ends.map { ($0.key, $0.value) })
  }

  /// Its changes that no other one of it builds on.
  var frontier: [ChangeID] {
    ends.filter { built[$0.key] ?? 0 < $0.value }.map { ChangeID(log: $0.key, sequence: $0.value) }.sorted()
  }

  /// The last change of a log that was made until then. The times in a log rise. O(log n).
  private func end(of record: LogState.Record, at time: Int64) throws -> UInt32 {
    var (held, beyond) = (UInt32(0), record.head.sequence &+ 1)
    while beyond - held > 1 {
      let middle = held + (beyond - held) / 2
      let header = try state.changeHeader(of: ChangeID(log: record.id, sequence: middle), in: db)
      if header.time.milliseconds <= time { held = middle } else { beyond = middle }
    }
    return held
  }

  private mutating func reach(_ change: ChangeID) {
    guard change.sequence > 0, let head = state[change.log]?.head.sequence else { return }
    ends[change.log] = max(ends[change.log] ?? 0, min(change.sequence, head))
  }

  private mutating func walk(_ log: LogID) throws {
    let (first, last) = ((walked[log] ?? 0) + 1, ends[log] ?? 0)
    walked[log] = last
    if first == 1, let parent = state.branches.parent(of: log), let end = state[parent]?.head.sequence {
      build(on: ChangeID(log: parent, sequence: end))
    }
    for sequence in first...last {
      for dependency in try reading.dependencies(of: ChangeID(log: log, sequence: sequence)) { build(on: dependency) }
    }
  }

  private mutating func build(on change: ChangeID) {
    reach(change)
    built[change.log] = max(built[change.log] ?? 0, change.sequence)
  }
}
