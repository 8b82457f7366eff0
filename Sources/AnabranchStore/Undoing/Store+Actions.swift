public import AnabranchCore
internal import AnabranchWire
internal import GRDB

extension Store {
  /// The actions, the last one first, at most `limit`; of `logs` alone, where they are given. What is dated to a time that has not come
  /// by `wall` stands right before what it builds on.
  ///
  /// `position` says up to where in each log to begin, and is moved on to where the next page begins. Each log is read
  /// backwards, so a page costs what it shows. Throws ``StoreError/Code/damaged`` where a change is missing.
  public func actions(
    of logs: Set<LogID>? = nil, before position: inout VersionVector?, limit: Int, wall: Int64 = .max
  ) throws(StoreError) -> [ActionRecord] {
    var place = position ?? vector
    let records = try reading { db in
      let reader = ContentReader(db, state)
      var waiting: [LogID: (action: ActionRecord, rank: HybridTime)] = [:]
      var ranks = CausalRanks(state, db, wall: wall)
      var walk: [LogID: ActionWalk] = [:]
      for record in state.records where logs?.contains(record.id) ?? true {
        guard let ordinal = state.ordinal(of: record.id) else { continue }
        walk[record.id] = ActionWalk(ordinal: ordinal, sequence: min(place[record.id], record.head.sequence))
      }
      func advance(_ log: LogID) throws {
        waiting[log] = try walk[log]?.next(reader).map { ($0, try ranks.rank(of: $0.last, at: $0.time)) }
      }
      for log in walk.keys.sorted() { try advance(log) }
      var records: [ActionRecord] = []
      while records.count < limit {
        let newest = waiting.values.max {
          ($0.rank, $0.action.time, $0.action.last) < ($1.rank, $1.action.time, $1.action.last)
        }
        guard let newest = newest?.action else { break }
        records.append(try reader.described(newest))
        place[newest.last.log] = newest.last.sequence - 1
        try advance(newest.last.log)
      }
      return records
    }
    position = place
    return records
  }

  /// The action that begins with a change; nil where that is not held, or begins none.
  public func action(_ first: ChangeID) throws(StoreError) -> ActionRecord? {
    try reading { db in
      let reader = ContentReader(db, state)
      guard let key = state.key(of: first), let change = try reader.change(key), change.action == first.sequence
      else { return nil }
      let last = try db.actionRow(key)?.last ?? key
      guard let end = try reader.change(last) else { return nil }
      return try reader.described(reader.record(of: first, end: end))
    }
  }

  /// The actions whose printed name starts with `prefix`, in ascending order; nil where it is too short, too long or no
  /// hexadecimal number.
  public func actions(prefix: String, limit: Int = 16) throws(StoreError) -> [ChangeID]? {
    guard let range = Self.printedRange(prefix) else { return nil }
    return try reading { db in
      var found: [ChangeID] = []
      for record in state.records where record.head.sequence > 0 {
        let sequences = ObjectID.candidates(
          prefix: UInt32(truncatingIfNeeded: range.lowerBound.high >> 32), bits: min(prefix.utf8.count * 4, 32),
          in: record.id, last: record.head.sequence)
        for sequence in sequences where sequence > 0 {
          let change = ChangeID(log: record.id, sequence: UInt32(sequence))
          let name = change.actionName
          guard range.contains(name.printed),
            try state.changeHeader(of: change, in: db).action == change.sequence
          else { continue }
          found.append(change)
        }
      }
      return Array(found.sorted().prefix(limit))
    }
  }

  /// What undoing actions comes to, which are named by their first changes. Changes nothing.
  ///
  /// Throws ``StoreError/Code/notFound`` where one of them is not held. O(what they did).
  public func undoPlan(of actions: [ChangeID]) throws(StoreError) -> UndoPlan {
    try reading { db in
      let reader = ContentReader(db, state)
      var operations: [HeldOperation] = []
      var chain: Set<ChangeID> = []
      for action in actions {
        guard let first = state.key(of: action), try reader.change(first)?.action == action.sequence else {
          throw StoreError(.notFound, "change \(action.sequence) of log \(action.log) begins no action held here")
        }
        for key in try db.changes(ofAction: first, state) {
          guard let change = try reader.change(key) else { continue }
          operations += HeldOperation.structures(of: change)
        }
        for link in try db.undoChain(of: first, state) {
          for key in try db.changes(ofAction: link, state) { chain.insert(try state.change(of: key)) }
        }
      }
      var plan = try UndoPlanner.plan(operations, chain: chain, reader)
      plan.actions = actions.map { OperationID(log: $0.log, sequence: $0.sequence, index: 0) }
      return plan
    }
  }
}

extension HeldOperation {
  /// What a change did, without what it says: of a large import that is most of it. Pieces of contents do nothing.
  fileprivate static func structures(of change: Change) -> [HeldOperation] {
    var frame = change
    frame.operations = []
    return change.operations.compactMap { operation in
      guard operation.mutation != .chunk else { return nil }
      var operation = operation
      (operation.envelope.structure, operation.envelope.content) = ([], .none)
      let id = OperationID(log: change.id.log, sequence: change.id.sequence, index: operation.index)
      return HeldOperation(id: id, operation: operation, change: frame)
    }
  }
}

/// Reads the actions of one log, from its end on.
private struct ActionWalk {
  let ordinal: Int
  /// The change that is looked at next; none for 0.
  var sequence: UInt32

  /// The action that ends next before here, without what it did; nil at the log's beginning.
  mutating func next(_ reader: ContentReader) throws -> ActionRecord? {
    while sequence > 0 {
      let key = ChangeKey(ordinal: ordinal, sequence: sequence)
      let id = try reader.logs.change(of: key)
      let action = try reader.logs.changeHeader(of: id, in: reader.db).action
      let row = try reader.db.actionRow(ChangeKey(ordinal: ordinal, sequence: action))
      let isEnd = row.map { $0.last == key } ?? true
      // What belongs to it and lies together need not be looked at.
      sequence = row?.isTogether == true ? action - 1 : sequence - 1
      guard isEnd, let change = try reader.change(key) else { continue }
      return reader.record(of: ChangeID(log: id.log, sequence: action), end: change)
    }
    return nil
  }
}
