internal import AnabranchCore
internal import GRDB

/// One of two points in the past that are compared.
public enum ComparedPast: Hashable, Sendable {
  case earlier, later
}

extension Store {
  /// Runs `body` on two points in the past, the later of which has all that the earlier one has; `show` has every method that reads show
  /// the one or the other from then on, as ``rewind(to:progress:)`` does. Nothing is done, and nil returned, where the later one has
  /// not all of the earlier one, or a log forked in between.
  ///
  /// The earlier one is built once, and the later one goes on from it: O(changes of the later one), and each time that is shown again
  /// O(changes in between); where somebody lost rights in between, O(changes of the later one). Afterwards, or where it fails, close
  /// the store.
  public func comparing<Result>(
    _ earlier: PastPoint, _ later: PastPoint,
    progress: @escaping (_ done: UInt64, _ total: UInt64) throws -> Void = { _, _ in },
    _ body: (_ show: (ComparedPast) throws(StoreError) -> Void) throws(StoreError) -> Result
  ) throws(StoreError) -> Result? {
    try prepareForPasts()
    return try consistently { () throws(StoreError) in
      try reading { db in
        let before = try PastWalk(state, db, to: earlier)
        guard let after = try before.goingOn(to: later) else { return nil }
        let (had, has) = (before.vector, after.vector)
        let isForked = state.records.contains { $0.header.isBranch && had[$0.id] == 0 && has[$0.id] > 0 }
        guard !isForked else { return nil }
        let purges = try purges(db)
        try build(before, db) { try progress($0, has.changes) }
        let built = state
        try db.run("SAVEPOINT earlier")
        return try body { (past) throws(StoreError) in
          try reading { db in
            try db.run("ROLLBACK TO earlier")
            forgetViews()
            (state, erasure) = (built, nil)
            if past == .later { try goOn(to: after, db) { try progress(had.changes + $0, has.changes) } }
            try hide(purges, db)
          }
        }
      }
    }
  }

  /// Builds the views of the past that is shown on to those of a later one.
  private func goOn(to walk: PastWalk, _ db: Database, progress: (_ done: UInt64) throws -> Void) throws {
    let earlier = state
    for (ordinal, record) in earlier.records.enumerated() {
      try db.execute(sql: "UPDATE past SET last = ? WHERE ordinal = ?", arguments: [walk.vector[record.id], ordinal])
    }
    state = try pastState(walk, db)
    guard try followRights(since: earlier.membership, upTo: earlier.ends, db, state) else { return }
    try viewWriter?.finish(logs: state)
    forgetViews()
    try buildViews(db, state, after: earlier.vector, progress: progress)
  }
}
