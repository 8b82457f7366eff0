internal import AnabranchCore
internal import AnabranchWire
internal import GRDB

extension Store {
  /// Takes over from the damaged database at `path` all changes that go on from what is held here, and build on nothing else.
  ///
  /// What stands there behind what could not be read is so regained once another replica has brought that. Each is compared with the
  /// hash that is kept of it there, built on the one before it here. Of another device's log all is taken up to the last signature of its
  /// author: what nobody signed may be anybody's word, and could not be passed on. Of the log that this device writes now, nothing is
  /// taken. Neither that file nor its folder is changed: see ``open(handedOver:)``. Where then all of it is here, that is noted, see
  /// ``untakenFiles()``. Returns how many changes came. Throws as
  /// ``salvage(_:into:isSigned:progress:)``; all or nothing is taken. O(database) where anything comes, for all views are built anew.
  public func takeOver(from path: String) throws(StoreError) -> UInt64 {
    let file = try HandedOverFile(path)
    let records = state.records
    return try file.reading { (copy) throws(StoreError) in
      let (damaged, survey) = try DamagedDatabase.fullest(
        at: copy, knowing: records.map(\.header), isSigned: isSigned)
      let count = try transaction { db, state in
        try damaged.reading { old in
          let count = try takeOver(from: old, survey, db, &state)
          if try !damaged.isFound && Self.isHeld(survey, in: old, by: state, db) { try noteTaken(file.path, db) }
          return count
        }
      }
      try damaged.close()
      return count
    }
  }

  /// Whether all is held that can be read in a damaged database, and all that is known to have been in it: where the end of a log cannot be
  /// looked for, more may have been. Where its list of logs is damaged, it has to be known of each change which log it is of. Words that were not sealed there yet are
  /// not held; nor is what stands there under a number that another change has here, since a log has forked. O(changes that are not sound).
  private static func isHeld(
    _ survey: LogSurvey, in old: Database, by state: LogState, _ db: Database
  ) throws -> Bool {
    let words = try? Int.fetchOne(old, sql: "SELECT count(*) FROM open_operation")
    guard words == 0, survey.isCovered(by: { state[$0]?.head.sequence ?? 0 }) else { return false }
    return try survey.logs.allSatisfy { log in
      let (name, sound) = (log.header.log, log.soundness.sound)
      func isHere(_ sequence: UInt32, _ hash: Digest?) throws -> Bool {
        try hash != nil && state.hash(of: ChangeID(log: name, sequence: sequence), in: db) == hash
      }
      // Each hash is of all up to there.
      guard try sound == 0 || isHere(sound, log.end) else { return false }
      return try (sound..<max(sound, log.soundness.last)).allSatisfy { before in
        let row = SalvagedRow(ChangeKey(ordinal: log.ordinal, sequence: before + 1), in: old)
        return try row.map { try isHere(before + 1, $0.hash) } ?? true
      }
    }
  }

  private func takeOver(
    from old: Database, _ survey: LogSurvey, _ db: Database, _ state: inout LogState
  ) throws -> UInt64 {
    var taking = TakingOver(survey, self, state)
    repeat {
      try db.execute(sql: "SAVEPOINT taking")
      try taking.takeAll(from: old, db)
      guard taking.shorten() else { break }
      try db.execute(sql: "ROLLBACK TO taking; RELEASE taking")
    } while true
    try db.execute(sql: "RELEASE taking")
    guard taking.count > 0 else { return 0 }
    state = taking.state
    try state.saveFrontier(db)
    try state.forgetUnkeptThatCame(db)
    try rebuild(db, &state)
    return taking.count
  }
}

/// Takes changes from a damaged database behind those that are held.
private struct TakingOver {
  private(set) var state: LogState
  private(set) var count: UInt64 = 0
  private let before: LogState
  private let logs: [LogSurvey.Log]
  private let store: Store
  private let ownDevice: Digest?
  /// How far each log is to be taken, where not as far as it goes.
  private var limits: [LogID: UInt32] = [:]
  /// The changes of each that were taken with a signature of its author.
  private var signed: [LogID: [UInt32]] = [:]

  init(_ survey: LogSurvey, _ store: Store, _ state: LogState) {
    (self.state, before, self.store) = (state, state, store)
    logs = survey.logs.filter { $0.header.log != state.own && state[$0.header.log] != nil }
    ownDevice = state.own.flatMap { state.device(of: $0) }
  }

  /// Takes of each log what fits, again and again, until nothing more does.
  mutating func takeAll(from old: Database, _ db: Database) throws {
    (state, count, signed) = (before, 0, [:])
    let insertion = store.views(db).insertChange
    var goesOn = true
    while goesOn {
      goesOn = false
      for log in logs { while try takeNext(of: log, from: old, db, insertion) { goesOn = true } }
    }
  }

  private mutating func takeNext(
    of log: LogSurvey.Log, from old: Database, _ db: Database, _ insertion: Database.KeptStatement
  ) throws -> Bool {
    guard let record = state[log.header.log], record.head.sequence < limits[record.id] ?? .max,
      // What a branch goes on from is not known before all of that is here.
      record.head.sequence > 0 || !log.header.isBranch,
      let row = SalvagedRow(ChangeKey(ordinal: log.ordinal, sequence: record.head.sequence + 1), in: old),
      let sealed = try row.change(after: record, state, db), try state.lacking(sealed, in: db) == nil
    else { return false }
    _ = try state.keep(sealed, wall: 0, in: db, insertion)
    count += 1
    let checkpoint = row.signature.map { Checkpoint(change: sealed.change.id, hash: sealed.hash, signature: $0) }
    if let checkpoint, isSigned(checkpoint) {
      try store.keep([checkpoint], db, &state)
      signed[record.id, default: []].append(checkpoint.change.sequence)
    }
    return true
  }

  private func isSigned(_ checkpoint: Checkpoint) -> Bool {
    let original = state.branches.original(checkpoint.change)
    guard let header = state[original.log]?.header else { return false }
    return store.isSigned(checkpoint.named(original), header)
  }

  /// Has other devices' logs end at a signature. Returns whether any went further: then all is to be done again, since others may build
  /// on that.
  mutating func shorten() -> Bool {
    let limitsBefore = limits
    for log in logs where log.soundness.device != ownDevice || ownDevice == nil {
      let name = log.header.log
      guard let head = state[name]?.head.sequence, let start = before[name]?.head.sequence, head > start else {
        continue
      }
      limits[name] = max(start, signed[name]?.last ?? 0)
    }
    return limits.contains { log, limit in limit < state[log]?.head.sequence ?? 0 } && limits != limitsBefore
  }
}
