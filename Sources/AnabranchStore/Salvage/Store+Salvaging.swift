public import AnabranchCore
public import AnabranchWire
internal import GRDB

internal import struct Foundation.Data

extension Store {
  /// Makes a new database at `path` of what is sound in the damaged one at `source`, which is left as it is.
  ///
  /// Of each log that is all up to its first change that cannot be read, or is not what it was, or builds on one that is not
  /// there; of another device's, up to the last signature before that, since nobody could be given more. So what is made is a replica that got that far, and others give it the rest. The views are built anew, and the search's index
  /// is left to be filled. Settings and what is known of other devices are taken as they stand, attached files block by block as far as
  /// they have their hashes. The new database writes to the same log as the old one: whoever opens it goes on in another one unless
  /// ``Salvage/isOwnLogWhole``.
  ///
  /// `isSigned` is as for a store; `progress` is told how many changes of how many, which are read twice, are done. Throws
  /// ``StoreError/Code/damaged`` where no log can be read, and then, as after every error, leaves no file at `path`. O(database).
  public static func salvage(
    _ source: String, into path: String,
    isSigned: @escaping (Checkpoint, LogHeader) -> Bool = { $0.isSigned(under: $1) },
    progress: @escaping (_ done: UInt64, _ total: UInt64) throws -> Void = { _, _ in }
  ) throws(StoreError) -> Salvage {
    let total = changeCount(at: source)
    let (damaged, survey) = try DamagedDatabase.fullest(at: source, isSigned: isSigned) {
      try progress(min($0, total), 2 * total)
    }
    Store.remove(at: path)
    do {
      var salvager = try damaged.reading { db in
        try Salvager(db, survey, faults: damaged.isFound ? [DamagedDatabase.foundWords] : [], total: total, progress)
      }
      let store = try Store(at: path, access: .create, durability: .normal)
      try Store.restrict(path)
      try store.transaction { db, state in
        try damaged.reading { old in
          repeat { try salvager.takeLogs(db, &state, from: old, store) } while salvager.shorten()
          try salvager.finish(db, &state, from: old)
        }
      }
      try store.close()
      let built = try Store(at: path, access: .write, durability: .normal)
      try built.rebuildViews()
      try built.checkpoint()
      try built.close()
      try damaged.close()
      return salvager.result
    } catch {
      Store.remove(at: path)
      throw StoreError(error, path: source)
    }
  }

  /// What is wrong with the database at `path` where it cannot be opened as a store: its file and its logs. O(log).
  public static func survey(
    damaged path: String, isSigned: @escaping (Checkpoint, LogHeader) -> Bool = { $0.isSigned(under: $1) }
  ) throws(StoreError) -> Verification {
    let (damaged, survey) = try DamagedDatabase.fullest(at: path, isSigned: isSigned)
    var result = Verification()
    result.add(try damaged.fileFaults(), of: .file)
    result.add(survey)
    try damaged.close()
    return result
  }

  /// How many changes SQLite says that a damaged database has; 0 where it cannot say.
  private static func changeCount(at path: String) -> UInt64 {
    let count = try? DamagedDatabase(at: path).reading { db in
      try Int64.fetchOne(db, sql: "SELECT count(*) FROM change")
    }
    return UInt64(clamping: count ?? 0)
  }
}

/// One salvage: reads what is sound of a damaged database, and puts it into a new one.
private struct Salvager {
  private(set) var result = Salvage()
  private let survey: LogSurvey
  /// What is wrong beside what the survey found.
  private let faults: [String]
  /// How far each log is to go into the new database, where that is not as far as it is sound.
  private var limits: [LogID: UInt32] = [:]
  private var limitsBefore: [LogID: UInt32] = [:]
  /// How far each one went, and why no further.
  private var taken: [LogID: UInt32] = [:]
  private var waits: [LogID: Dependency] = [:]
  /// The device that writes here; nil where that is not known.
  private let ownDevice: Digest?
  private let progress: (UInt64, UInt64) throws -> Void
  private let total: UInt64

  /// Throws ``StoreError/Code/damaged`` where no change of any log is sound.
  init(
    _ db: Database, _ survey: LogSurvey, faults: [String], total: UInt64,
    _ progress: @escaping (UInt64, UInt64) throws -> Void
  ) throws {
    guard survey.soundChanges > 0 else {
      throw StoreError(
        .damaged, "no change of any log can be read" + (survey.faults.first.map { ": \($0)" } ?? ""),
        remedy: "restore a backup, or sync a new replica from another device")
    }
    (self.survey, self.faults, self.total, self.progress) = (survey, faults, total, progress)
    let own = try? Data.fetchOne(
      db, sql: "SELECT value FROM setting WHERE name = ?", arguments: [Setting.ownLog.rawValue])
    ownDevice = own.flatMap { Bytes16($0) }.flatMap { survey[LogID($0)]?.soundness.device }
  }

  /// Has other devices' logs that were not taken whole end at a signature, and leaves out a branch that has no other one beside it: a log
  /// has forked only where two are held. Returns whether anything went further: then all is to be done again, since others may build on that.
  mutating func shorten() -> Bool {
    for parent in survey.logs {
      let branches = survey.branches.branches(after: parent.header.log)
      let held = branches.filter { taken[$0, default: 0] > 0 }
      for branch in branches where held.count < 2 || !held.contains(branch) { limits[branch] = 0 }
    }
    for log in survey.logs where log.soundness.device != ownDevice || ownDevice == nil {
      let last = taken[log.header.log, default: 0]
      guard last < log.soundness.last, !log.signed.contains(last) else { continue }
      limits[log.header.log] = log.signed.filter { $0 < last }.max() ?? 0
    }
    return limits != limitsBefore
  }

  /// Fills a database with logs from the one that was surveyed, in place of those that it has.
  mutating func takeLogs(_ db: Database, _ state: inout LogState, from old: Database, _ store: Store) throws {
    (taken, waits, limitsBefore) = ([:], [:], limits)
    result = Salvage(faults: faults + survey.faults)
    try db.execute(sql: "DELETE FROM change; DELETE FROM branch; DELETE FROM log; DELETE FROM roster")
    state = LogState()
    for log in survey.logs { _ = try state.register(log.header, in: db) }
    // A branch of which nothing is here is only a name.
    for log in survey.logs where limits[log.header.log] ?? log.soundness.sound > 0 {
      if let parent = survey.branches.parent(of: log.header.log) {
        try state.attach(log.header.log, to: parent, in: db)
      }
    }
    try takeChanges(db, &state, from: old, store)
  }

  /// Takes what there is beside the logs, once these are what they are to be.
  mutating func finish(_ db: Database, _ state: inout LogState, from old: Database) throws {
    noteLosses(state)
    let numbersMatch = survey.logs.enumerated().allSatisfy { $0.offset == $0.element.ordinal }
    // What is saved of the frontier is as of the own log.
    result.faults += LocalTables.copyOwnLog(from: old, to: db)
    state.own = try LogState(db).own
    try state.saveFrontier(db)
    result.faults += LocalTables.copy(from: old, to: db, numbersMatch: numbersMatch)
    result.lostBlocks = try LocalTables.copyBlobs(from: old, to: db)
    keepOpenChange(db, numbersMatch: numbersMatch)
    try noteMembers(db, from: old)
    try noteOwnLog(db)
  }

  // MARK: Changes

  /// Takes log after log as far as it goes, again and again, until nothing more fits.
  private mutating func takeChanges(
    _ db: Database, _ state: inout LogState, from old: Database, _ store: Store
  ) throws {
    let insertion = store.views(db).insertChange
    var goesOn = true
    while goesOn {
      goesOn = false
      for log in survey.logs {
        while try takeNext(of: log, db, &state, from: old, insertion, store) {
          goesOn = true
          result.changes += 1
          if result.changes.isMultiple(of: 4_096) { try progress(min(total + result.changes, 2 * total), 2 * total) }
        }
      }
    }
  }

  /// Takes the next change of a log, unless it ends there or builds on what is not here.
  private mutating func takeNext(
    of log: LogSurvey.Log, _ db: Database, _ state: inout LogState, from old: Database,
    _ insertion: Database.KeptStatement, _ store: Store
  ) throws -> Bool {
    let name = log.header.log
    let number = taken[name, default: 0] &+ 1
    if let wait = waits[name] {
      guard try isHeld(wait, state, db) else { return false }
      waits[name] = nil
    }
    guard number <= limits[name] ?? log.soundness.sound, number > 1 || isTaken(upTo: log), let record = state[name],
      let context = try state.contextAfterHead(of: record, in: db)
    else { return false }
    let key = ChangeKey(ordinal: log.ordinal, sequence: number)
    let row = try? old.first("SELECT hash, signature, bytes FROM change WHERE id = ?") {
      $0.add(key.rawValue)
    } _: {
      (
        hash: Digest(try $0.bytes(0)), signature: try $0.optionalBytes(1),
        bytes: try $0.withBytes(2, PackedChange.bytes)
      )
    }
    // In a damaged tree a row that is looked for may be another one than that which stood there in order.
    guard let row, let bytes = row.bytes, let written = try? SealedChange(bytes: bytes, context: context),
      written.hash == row.hash
    else {
      limits[name] = number - 1
      return false
    }
    let id = ChangeID(log: name, sequence: number)
    let sealed = written.named(try state.named(written.change, id, in: db))
    for dependency in sealed.change.dependencies where try !isHeld(dependency, state, db) {
      waits[name] = dependency
      return false
    }
    _ = try state.keep(sealed, wall: 0, in: db, insertion)
    taken[name] = number
    if log.signed.contains(number), let signature = row.signature {
      try store.keep([Checkpoint(change: id, hash: sealed.hash, signature: signature)], db, &state)
    }
    return true
  }

  /// Whether all is taken that a log begins after: the whole of the one from which a branch goes on.
  private func isTaken(upTo log: LogSurvey.Log) -> Bool {
    guard let parent = survey.branches.parent(of: log.header.log).flatMap({ survey[$0] }) else { return true }
    return parent.isWhole && taken[parent.header.log, default: 0] == parent.soundness.sound
  }

  private func isHeld(_ dependency: Dependency, _ state: LogState, _ db: Database) throws -> Bool {
    try state.hash(of: dependency.change, in: db)?.head == dependency.hash
  }

  private mutating func noteLosses(_ state: LogState) {
    for log in survey.logs {
      let name = log.header.log
      let (first, last) = (taken[name, default: 0] &+ 1, log.soundness.last)
      guard first <= last else { continue }
      let reason =
        waits[name].map { "change \(first) builds on change \($0.change.sequence) of log \($0.change.log)" }
        ?? log.soundness.fault ?? "no signature has been kept of it"
      result.losses.append(
        Salvage.Loss(log: name, device: log.soundness.device, changes: first...last, reason: reason))
    }
    result.losses.sort { $0.log < $1.log }
  }

  // MARK: Beside the log

  /// Leaves out words that are still being written, unless they can be read, and follow and build on what is here.
  private mutating func keepOpenChange(_ db: Database, numbersMatch: Bool) {
    if numbersMatch, let state = try? LogState(db) {
      guard let open = state.open else { return }
      let isFitting = (try? state.checkOpenChange()) != nil
      guard !isFitting || !open.drafts.allSatisfy({ (try? state.checkReferences(of: $0, in: open)) != nil }) else {
        return
      }
    }
    try? db.execute(sql: "DELETE FROM open_operation; DELETE FROM open_change")
    result.faults.append("words that were not sealed yet cannot be read, or do not follow what is there")
  }

  /// The devices that belong to the space, or were removed from it, by all that stands in the old database, also behind what could not
  /// be read: until that is here again, nothing else says so. None where that is not certain.
  private func noteMembers(_ db: Database, from old: Database) throws {
    guard !result.losses.isEmpty, survey.branches.isEmpty, let before = try? LogState(old), let own = before.own,
      try before.isRosterIntact(old)
    else { return }
    let device = before.device(of: own)
    let others = before.roster.members.filter { $0.device != device }
    let members = others.filter { $0.role != .outsider }.map(\.device)
    let outsiders = others.filter { $0.role == .outsider }.map(\.device)
    let awaited = VersionVector(result.losses.map { ($0.log, $0.changes.upperBound) })
    try Setting.formerMembers.set(Data(members.flatMap(\.bytes)), in: db)
    try Setting.formerOutsiders.set(Data(outsiders.flatMap(\.bytes)), in: db)
    try Setting.awaitedChanges.set(Data(KeyList.bytes(try LogState(db).words(of: awaited))), in: db)
  }

  /// Numbers of the own log that may have been used must not be used again: a page that is gone may have had the last ones, and nothing
  /// would tell.
  private mutating func noteOwnLog(_ db: Database) throws {
    let isThere = try LogState(db).own.map { survey[$0] != nil } ?? false
    result.isOwnLogWhole =
      isThere && faults.isEmpty && survey.faults.isEmpty && survey.logs.allSatisfy(\.isWhole) && result.losses.isEmpty
  }
}
