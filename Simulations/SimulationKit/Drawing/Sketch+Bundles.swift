internal import AnabranchCore
internal import AnabranchStore

extension Sketch {
  /// Draws a history that a store holds: one lane a log, and the time since its first change.
  mutating func draw(_ changes: [Change], heldBy store: Store) throws {
    var lanes: [LogID: Int] = [:]
    let first = changes.map(\.time.milliseconds).min() ?? 0
    var sightings: [Ledger.Sighting] = []
    for change in changes {
      let (log, sequence) = (change.id.log, change.id.sequence)
      let lane = lanes[log] ?? lanes.count
      lanes[log] = lane
      begin(lane, String(log.description.prefix(8)))
      guard let hash = try store.hash(of: change.id) else { continue }
      let previous = sequence > 1 ? try store.hash(of: ChangeID(log: log, sequence: sequence - 1)) : nil
      sightings.append(.init(change: change, hash: hash, previous: previous, writer: lane))
      // A hybrid clock has 48 bits for milliseconds.
      take(sightings, at: VirtualTime(microseconds: (change.time.milliseconds - first) * 1_000)) { _ in nil }
    }
  }
}
