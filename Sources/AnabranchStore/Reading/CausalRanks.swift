internal import AnabranchCore
internal import AnabranchWire
internal import GRDB

/// When changes are taken to have been made, where they are listed the last first: by the hybrid clocks of their writers, and what is
/// dated to a time that has not come yet right after what it builds on. So each has at least the rank of all that it builds on, which
/// the clocks alone do not give: who builds on what comes from 2099 does not follow its clock.
struct CausalRanks {
  private let state: LogState
  private let db: Database
  /// The last millisecond that is believed.
  private let latest: Int64
  /// Of what is dated later, and was asked for.
  private var known: [ChangeID: HybridTime] = [:]

  /// Changes of a log, and logs that build on each other, that are looked back at for one rank; beyond, it may be too low.
  private static let (lookback, depthMax) = (16_384, 16)

  /// Ranks as of `wall`, milliseconds since 1970.
  init(_ state: LogState, _ db: Database, wall: Int64) {
    let (latest, overflow) = wall.addingReportingOverflow(HybridClock.driftMsMax)
    (self.state, self.db, self.latest) = (state, db, overflow ? .max : latest)
  }

  /// The rank of a held change that was made at `time`. O(1) where that has come, else O(what its device wrote since then), once.
  mutating func rank(of change: ChangeID, at time: HybridTime) throws -> HybridTime {
    time.milliseconds <= latest ? time : try rank(of: change, depth: 0)
  }

  private mutating func rank(of change: ChangeID, depth: Int) throws -> HybridTime {
    var ahead: [(change: ChangeID, builtOn: [ChangeID])] = []
    var rank = HybridTime.zero
    var next: ChangeID? = change
    while let id = next, ahead.count < Self.lookback {
      if let found = known[id] {
        rank = found
        break
      }
      let header = try state.changeHeader(of: id, in: db)
      guard header.time.milliseconds > latest else {
        rank = header.time
        break
      }
      ahead.append((id, header.dependencies.map(\.change)))
      next = state.before(id)
    }
    for (id, dependencies) in ahead.reversed() {
      for dependency in dependencies where depth < Self.depthMax {
        rank = max(rank, try self.rank(of: dependency, depth: depth + 1))
      }
      known[id] = rank
    }
    return rank
  }
}

extension LogState {
  /// The change before one in its log; for the first one of a branch, that which it goes on from.
  func before(_ id: ChangeID) -> ChangeID? {
    guard id.sequence == 1 else { return ChangeID(log: id.log, sequence: id.sequence - 1) }
    guard let parent = branches.parent(of: id.log), let end = self[parent]?.head.sequence, end > 0 else { return nil }
    return ChangeID(log: parent, sequence: end)
  }
}
