public import AnabranchCore
public import AnabranchSync
public import AnabranchWire
internal import GRDB

internal import struct Foundation.Data

extension Store {
  /// How those logs hang together that have forked.
  public var branches: Branches {
    state.branches
  }

  /// How what a peer holds compares with what is held here. O(heads), a lookup each.
  public func compare(_ heads: [HeldLog]) throws(StoreError) -> Comparison {
    try reading(onlyRows: true) { db in
      try Comparison(of: heads, state.branches, last: { state[$0]?.head.sequence ?? 0 }) { (change) throws in
        try state.hash(of: change, in: db)
      }
    }
  }

  /// Goes on looking for where a log forked that a peer holds differently, with what that has told.
  public func `continue`(
    _ search: ForkSearch, with points: [ForkProbe.Point]
  ) throws(StoreError) -> (search: ForkSearch, probe: ForkProbe?) {
    try reading(onlyRows: true) { db in
      try search.continued(with: points) { (change) throws in try state.hash(of: change, in: db) }
    }
  }
}

/// What becomes of a log that turns out to have forked: see ``AnabranchCore/Branches``.
extension Store {
  /// Cuts a log before `change`, which is held: from there on it is a branch, a log of its own. Views are left as they were, until
  /// ``finishCuts(ofOwn:nonce:_:_:)``. O(what is cut off).
  func cut(at change: ChangeID, _ db: Database, _ state: inout LogState) throws {
    let root = state.branches.original(change)
    guard let hash = try state.hash(of: change, in: db), let cut = state.key(of: change) else {
      throw StoreError(.damaged, "change \(change.sequence) of log \(change.log) is held without a hash")
    }
    let branch = try state.register(.branch(of: root.log, first: root.sequence, hash: hash), in: db)
    guard branch != change.log, let ordinal = state.ordinal(of: branch) else {
      throw StoreError(
        .refused, "expected a log that was not cut there before, got change \(change.sequence) of log \(change.log)")
    }
    for following in state.branches.branches(after: change.log) { try state.attach(following, to: branch, in: db) }
    try state.attach(branch, to: change.log, in: db)
    if change.log == state.own { try state.noteOwnWork(in: db) }
    let move = Move(from: cut, to: ordinal)
    try db.move(by: move)
    state.frontier = Frontier(
      state.frontier.heads.map {
        guard $0.log == change.log, $0.sequence >= change.sequence else { return $0 }
        return ChangeID(log: branch, sequence: $0.sequence - change.sequence + 1)
      })
    try state.saveFrontier(db)
    // Its rows have the old keys; it is read anew with the views.
    try db.execute(sql: "DELETE FROM roster")
    state = try LogState(db)
  }

  /// Builds anew what is made of the log, once some were cut. O(history).
  ///
  /// A device that wrote one of them, `own`, goes on in another log, founded on `nonce`: else it would write numbers that are used
  /// already.
  func finishCuts(ofOwn own: LogID?, nonce: Bytes16, _ db: Database, _ state: inout LogState) throws {
    try SearchIndex.reset(db)
    recentChanges = []
    try rebuild(db, &state)
    guard let own, let key = state.device(of: own) else { return }
    try begin(.device(key: key, nonce: nonce), db, &state)
  }
}

/// Changes that get other keys: those from one on become the first ones of another log.
private struct Move {
  private let cut: ChangeKey
  private let ordinal: Int

  init(from cut: ChangeKey, to ordinal: Int) {
    (self.cut, self.ordinal) = (cut, ordinal)
  }

  /// The keys of what moves, and what is added to each.
  var changes: (keys: ClosedRange<Int64>, by: Int64) {
    let last = ChangeKey.range(ofOrdinal: cut.ordinal).upperBound
    return (cut.rawValue...last, ChangeKey(ordinal: ordinal, sequence: 1).rawValue - cut.rawValue)
  }

  /// The same of operations, and of what they made.
  var operations: (keys: ClosedRange<Int64>, by: Int64) {
    let first = OperationKey(ordinal: cut.ordinal, sequence: cut.sequence, index: 0).rawValue
    let target = OperationKey(ordinal: ordinal, sequence: 1, index: 0).rawValue
    return (first...OperationKey.range(ofOrdinal: cut.ordinal).upperBound, target - first)
  }

  /// A vector, as it lies in a row, of somebody who holds the same changes; nil where that was altered, and is none.
  func moved(_ stored: Data) -> Data? {
    StoredVector(stored)?.moved(from: cut, to: ordinal).bytes
  }
}

extension Database {
  /// Gives what moves its new keys, in the log and in the local tables; views are built anew.
  fileprivate func move(by move: Move) throws {
    func add(_ shift: (keys: ClosedRange<Int64>, by: Int64), to column: String, of table: String) throws {
      try execute(
        sql: "UPDATE \(table) SET \(column) = \(column) + ? WHERE \(column) BETWEEN ? AND ?",
        arguments: [shift.by, shift.keys.lowerBound, shift.keys.upperBound])
    }
    try add(move.changes, to: "id", of: "change")
    try add(move.operations, to: "purge", of: "erasure")
    try add(move.operations, to: "conversation", of: "announced_expiry")
    // What was altered stays as it is: nobody can tell what it said.
    for setting in Setting.vectors {
      guard let moved = try setting.get(Data.self, in: self).flatMap(move.moved) else { continue }
      try setting.set(moved, in: self)
    }
    for row in try Row.fetchAll(self, sql: "SELECT device, vector FROM peer") {
      guard let moved = move.moved(try row.decode(Data.self, forColumn: "vector")) else { continue }
      try execute(
        sql: "UPDATE peer SET vector = ? WHERE device = ?",
        arguments: [moved, try row.decode(Data.self, forColumn: "device")])
    }
  }
}
