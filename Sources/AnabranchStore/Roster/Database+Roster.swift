internal import AnabranchCore
internal import AnabranchWire
internal import GRDB

internal import struct Foundation.Data

extension Mutation {
  /// What it does to the roster; nil for anything else.
  var rosterAct: Roster.Act? {
    switch self {
    case .enrol(let enrol): .enrol(enrol)
    case .restrict(let restrict): .restrict(restrict)
    case .adopt(let adopt): .adopt(adopt)
    default: nil
    }
  }
}

extension Database {
  /// Notes what a change says of the roster; false where that is nothing.
  func noteRosterOperations(of change: Change, at key: ChangeKey) throws -> Bool {
    var isAny = false
    for operation in change.operations where operation.mutation.rosterAct != nil {
      isAny = true
      let key = OperationKey(ordinal: key.ordinal, sequence: key.sequence, index: operation.index)
      try run("INSERT OR REPLACE INTO roster(operation) VALUES(?)") { $0.add(key.rawValue) }
    }
    return isAny
  }

  /// Where operations on rosters stand in the log, in ascending order.
  func rosterKeys() throws -> [OperationKey] {
    try all("SELECT operation FROM roster ORDER BY operation") { _ in
    } _: {
      OperationKey(rawValue: try $0.integer(0))
    }
  }
}

/// What was read of the operations on rosters: each is read once, and its signature checked.
struct RosterReading {
  /// Those that were read.
  var operations: Set<OperationKey> = []
  /// Those that are about the replica's space, and valid.
  var entries: [OperationKey: Roster.Entry] = [:]
  /// The heads that they name of logs that were not known by that name.
  var unknownHeads: Set<Dependency> = []
}

extension LogState {
  /// Works out who belongs to the space, and what counts, by all that is held. O(roster), and what of it is new is read.
  mutating func readRoster(_ db: Database) throws {
    guard let space = membership.space else {
      membership.roster = .unfounded
      return count(by: .unfounded)
    }
    let keys = try db.rosterKeys()
    var new: [ChangeKey: Set<UInt32>] = [:]
    // Which changes are meant may turn out with any change of a branch.
    if !branches.isEmpty { membership.reading = RosterReading() }
    for key in keys where !membership.reading.operations.contains(key) {
      new[key.change, default: []].insert(key.index)
    }
    // Always in the same order, or the same run would not be the same twice.
    for (key, indices) in new.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
      // Of a branch of a log that is not known yet nobody can tell who wrote it.
      guard let held = try db.change(key, self), device(of: held.id.log) != nil else { continue }
      for operation in held.operations where indices.contains(operation.index) {
        let name = OperationKey(ordinal: key.ordinal, sequence: key.sequence, index: operation.index)
        membership.reading.operations.insert(name)
        guard let act = operation.mutation.rosterAct else { continue }
        membership.reading.unknownHeads.formUnion(operation.mutation.namedHeads.filter { self[$0.change.log] == nil })
        let id = OperationID(log: held.id.log, sequence: held.id.sequence, index: operation.index)
        membership.reading.entries[name] = try entry(id, act, in: space, db)
      }
    }
    let roster = Roster(keys.compactMap { membership.reading.entries[$0] })
    membership.roster = roster
    let isIn = own.flatMap(device(of:)).map { device in roster.members.contains { $0.device == device } } ?? false
    // From then on, also where a backup goes on as another device: the views are built by it.
    if isIn, !membership.isBinding {
      membership.isBinding = true
      if !db.configuration.readonly { try Setting.rosterSpace.set(Data(space.bytes), in: db) }
    }
    count(by: membership.isBinding ? roster : .unfounded, exempting: isIn ? nil : own.flatMap(device(of:)))
  }

  /// Whether each change that says something of the roster has the hash that is kept of it, on the one that is kept of the change before.
  func isRosterIntact(_ db: Database) throws -> Bool {
    try Set(db.rosterKeys().map(\.change)).allSatisfy { key in
      guard let bytes = try db.changeBytes(key) else { return false }
      return try isIntact(change(of: key), held: bytes, in: db)
    }
  }

  /// Whether `operation`, in `change`, which may do what `role` may, counts by itself.
  func allows(_ operation: Operation, of change: ChangeID, as role: MemberRole) -> Bool {
    let device = device(of: change.log)
    return role.allows(
      operation.mutation, isOwnName: device.map { operation.envelope.target == .device($0) } ?? false)
  }

  private func entry(
    _ operation: OperationID, _ act: Roster.Act, in space: Bytes16, _ db: Database
  ) throws -> Roster.Entry? {
    guard let author = device(of: operation.log) else { return nil }
    let (word, hash): (RecoveryWord?, Digest)
    let said: Bytes16
    switch act {
    case .enrol(let enrol):
      (said, word, hash) = (enrol.space, enrol.recovery, RecoveryWord.signedHash(of: enrol))
    case .restrict(let restrict):
      (said, word, hash) = (restrict.space, restrict.recovery, RecoveryWord.signedHash(of: restrict))
    case .adopt(let adopt):
      (said, word, hash) = (adopt.space, nil, .zero)
    }
    guard said == space else { return nil }
    let act = try named(act, db)
    guard let word else { return Roster.Entry(operation, by: author, act) }
    guard word.vouches(for: hash, in: space) else { return nil }
    return Roster.Entry(operation, by: author, act, isByRecoveryKey: true)
  }

  /// The same where the logs that it names are called as they are here.
  private func named(_ act: Roster.Act, _ db: Database) throws -> Roster.Act {
    switch act {
    case .enrol:
      return act
    case .restrict(var restrict):
      restrict.last = try named(restrict.last, db)
      return .restrict(restrict)
    case .adopt(var adopt):
      adopt.heads = try named(adopt.heads, db)
      return .adopt(adopt)
    }
  }

  /// The device that writes `log`: of a branch, the one that wrote what it branched from.
  func device(of log: LogID) -> Digest? {
    var header = self[log]?.header
    // A branch names a log that stands before it, so there is an end; a forger's circle is not gone round more often.
    for _ in 0..<Limits.logsMax {
      switch header {
      case .device(let key, _): return key
      case .branch(let log, _, _): header = self[log]?.header
      case nil: return nil
      }
    }
    return nil
  }
}
