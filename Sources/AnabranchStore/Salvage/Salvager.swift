internal import AnabranchCore
internal import AnabranchWire
internal import GRDB

internal import struct Foundation.Data

/// One salvage: reads what is sound of a damaged database, and puts it into a new one.
struct Salvager {
  var result = Salvage()
  let survey: LogSurvey
  /// What is wrong with the file, beside what the survey found.
  let fileFaults: [String]
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
  /// Whether a repair comes of it: then other devices' logs end at a signature, as what others are given has to, and what is lacking is
  /// noted. Else it is only read.
  private let isRepair: Bool

  /// Throws ``StoreError/Code/damaged`` where no change of any log is sound.
  init(
    _ db: Database, _ survey: LogSurvey, fileFaults: [String], isRepair: Bool = true, total: UInt64,
    _ progress: @escaping (UInt64, UInt64) throws -> Void
  ) throws {
    guard survey.soundChanges > 0 else {
      throw StoreError(
        .damaged, "no change of any log can be read" + (survey.tableFaults.first.map { ": \($0)" } ?? ""),
        remedy: StoreError.replacing)
    }
    (self.survey, self.fileFaults, self.isRepair) = (survey, fileFaults, isRepair)
    (self.total, self.progress) = (total, progress)
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
    for log in survey.logs where isRepair && (log.soundness.device != ownDevice || ownDevice == nil) {
      let last = taken[log.header.log, default: 0]
      guard last < log.soundness.last, !log.signed.contains(last) else { continue }
      limits[log.header.log] = log.signed.filter { $0 < last }.max() ?? 0
    }
    return limits != limitsBefore
  }

  /// Fills a database with logs from the one that was surveyed, in place of those that it has.
  mutating func takeLogs(_ db: Database, _ state: inout LogState, from old: Database, _ store: Store) throws {
    (taken, waits, limitsBefore) = ([:], [:], limits)
    result = Salvage(faults: fileFaults + survey.tableFaults)
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
    let numbersMatch = survey.logs.enumerated().allSatisfy { $0.offset == $0.element.ordinal }
    // What is saved of the frontier is as of the own log.
    result.faults += LocalTables.copyOwnLog(from: old, to: db)
    state.own = try LogState(db).own
    try state.saveFrontier(db)
    result.faults += LocalTables.copy(from: old, to: db, numbersMatch: numbersMatch)
    try LocalTables.dropContradictions(db)
    try keepOpenChange(db, from: old)
    let files = try LocalTables.copyBlobs(from: old, to: db)
    result.lostBlocks = files.lostBlocks
    result.faults += files.faults
    noteLosses()
    // Numbers that may have been used must not be used again: a page that is gone may have had the last ones, and nothing would tell.
    result.isOwnLogWhole =
      survey.isOwnEndCertain && state.own != nil && fileFaults.isEmpty && survey.isWhole && result.hasAllChanges
    let noted = result.losses.filter { isRepair || $0.isEarlier }
    let unkept = VersionVector(noted.map { ($0.log, $0.changes.upperBound) })
    if !noted.isEmpty { try Setting.unkeptChanges.set(state.stored(unkept), in: db) }
    try noteMembers(db, from: old)
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
      guard try state.isHeld(wait, in: db) else { return false }
      waits[name] = nil
    }
    guard number <= limits[name] ?? log.soundness.sound, number > 1 || isTaken(upTo: log), let record = state[name]
    else { return false }
    let row = SalvagedRow(ChangeKey(ordinal: log.ordinal, sequence: number), in: old)
    guard let row, let sealed = try row.change(after: record, state, db) else {
      limits[name] = number - 1
      return false
    }
    if let dependency = try state.lacking(sealed, in: db) {
      waits[name] = dependency
      return false
    }
    _ = try state.keep(sealed, wall: 0, in: db, insertion)
    taken[name] = number
    if log.signed.contains(number), let signature = row.signature {
      try store.keep([Checkpoint(change: sealed.change.id, hash: sealed.hash, signature: signature)], db, &state)
    }
    return true
  }

  /// Whether all is taken that a log begins after: the whole of the one from which a branch goes on.
  private func isTaken(upTo log: LogSurvey.Log) -> Bool {
    guard let parent = survey.branches.parent(of: log.header.log).flatMap({ survey[$0] }) else { return true }
    return parent.isWhole && taken[parent.header.log, default: 0] == parent.soundness.sound
  }

  /// Notes what is lacking of each log: up to the last change that it is known to have had.
  private mutating func noteLosses() {
    for log in survey.logs {
      let name = log.header.log
      let (first, last) = (taken[name, default: 0] &+ 1, log.soundness.known)
      guard first <= last else {
        // It may have gone on where it cannot be read.
        if let fault = log.soundness.fault { result.faults.append(fault) }
        continue
      }
      // What is damaged here may be what that repair lacked, and has come since.
      let isEarlier = first > log.last && log.soundness.fault == nil && waits[name] == nil
      let reason =
        waits[name].map { "change \(first) builds on change \($0.change.sequence) of log \($0.change.log)" }
        ?? log.soundness.fault
        ?? (isEarlier
          ? "an earlier repair could not keep it"
          : first > log.soundness.last ? "nothing of it can be found" : "no signature has been kept of it")
      result.losses.append(
        Salvage.Loss(
          log: name, device: log.soundness.device, changes: first...last, reason: reason, isEarlier: isEarlier))
    }
    result.losses.sort { $0.log < $1.log }
  }
}
