internal import AnabranchCore
internal import AnabranchWire
internal import GRDB

/// Reads logs as they lie in a database that may be damaged: change by change, by nothing but the rows of `log`, `branch` and
/// `change`. What cannot be read ends its log there, and no other one.
struct LogSurvey {
  /// A log, by its number in the database.
  struct Log {
    let ordinal: Int
    let header: LogHeader
    /// Up to where it is sound.
    var soundness: LogSoundness
    /// The hash of the last sound change; of none, what the log is founded on.
    var end: Digest
    /// The last change that it is known to have had in this database: see ``LogSoundness/known``.
    var last: UInt32 = 0
    /// Whether its last row could be looked for: else there may be some behind those that are known.
    var isEndRead = true
    /// The changes up to there at which its author's signature is kept.
    var signed: Set<UInt32> = []

    /// Whether all of it is sound, so that a branch can go on from its end.
    var isWhole: Bool { soundness.fault == nil }
  }

  private(set) var logs: [Log] = []
  /// Where each log is in the list.
  private var indices: [LogID: Int] = [:]
  private(set) var branches = Branches()
  /// What cannot be read of the tables of logs and branches, or is not there, one sentence each.
  private(set) var tableFaults: [String] = []
  /// Whether all can be read that says how far the own log went.
  private(set) var isOwnEndCertain = false
  /// Of each log the last change on which a sound one of another log builds, by the names that their authors used.
  private var needed: [LogID: UInt32] = [:]
  private let isSigned: (Checkpoint, LogHeader) -> Bool

  /// Reads all logs. `isSigned` tells whether a checkpoint is the word of the author of a log; `known` are logs that are known elsewhere,
  /// of which the row may be lost here. Throws only what `progress`, which is told how many changes are read, throws. O(log).
  init(
    _ db: Database, knowing known: [LogHeader] = [], isSigned: @escaping (Checkpoint, LogHeader) -> Bool,
    progress: (_ done: UInt64) throws -> Void = { _ in }
  ) throws {
    self.isSigned = isSigned
    readHeaders(db)
    findHeaders(known, db)
    for index in logs.indices { logs[index].soundness.device = device(of: logs[index].header) }
    readBranches(db)
    // What a branch goes on from is read before it.
    var done: UInt64 = 0
    for index in logs.indices.sorted(by: { offset(of: $0) < offset(of: $1) }) {
      try read(index, db) {
        done += 1
        if done.isMultiple(of: Self.stride) { try progress(done) }
      }
    }
    knowsAllLogs = (try? Self.hasOnlyChanges(of: logs.map(\.ordinal), db)) ?? false
    let (ends, unkept) = (OwnLogEnds(db, self), Store.unkeptChanges(db))
    isOwnEndCertain = ends.isCertain
    for index in logs.indices { noteEnd(of: index, ends, unkept: unkept?[logs[index].ordinal] ?? 0) }
  }

  private static let stride: UInt64 = 4_096

  subscript(log: LogID) -> Log? {
    indices[log].map { logs[$0] }
  }

  /// Whether it is known of every change that is there which log it is of.
  private(set) var knowsAllLogs = false

  /// Whether nothing is wrong with anything that was read.
  var isWhole: Bool { tableFaults.isEmpty && logs.allSatisfy(\.isWhole) }

  /// Whether every change that the rows had, or are known to have had, has a number up to `last`, of each log. O(logs).
  func isCovered(by last: (LogID) -> UInt32) -> Bool {
    knowsAllLogs && logs.allSatisfy { $0.isEndRead && last($0.header.log) >= $0.soundness.known }
  }

  /// How many changes are sound, in all logs.
  var soundChanges: UInt64 { logs.reduce(0) { $0 + UInt64($1.soundness.sound) } }

  private func offset(of index: Int) -> UInt32 {
    branches.offset(of: logs[index].header.log)
  }

  // MARK: What logs there are

  private mutating func readHeaders(_ db: Database) {
    let last: Int64
    do {
      last = try Int64.fetchOne(db, sql: "SELECT max(ordinal) FROM log") ?? -1
    } catch {
      tableFaults.append("the table of logs cannot be read: \(Self.said(error))")
      return
    }
    for ordinal in 0..<max(0, min(last, Int64(Limits.logsMax) - 1) + 1) {
      do {
        guard let header = try header(Int(ordinal), db) else {
          tableFaults.append(
            "log number \(ordinal) has no row in the table of logs, or one that belongs to another log")
          continue
        }
        add(header, as: Int(ordinal))
        if case .branch(let root, let first, _) = header { branches.add(header.log, of: root, first: first) }
      } catch {
        tableFaults.append("the row of log number \(ordinal) cannot be read: \(Self.said(error))")
      }
    }
    // Where the table of logs has lost rows, it may be whole all the same.
    if let beyond = try? Int64.fetchOne(db, sql: "SELECT max(id) >> 32 FROM change"), beyond > last {
      tableFaults.append("there are changes of log number \(beyond), which has no row in the table of logs")
    }
  }

  private mutating func add(_ header: LogHeader, as ordinal: Int) {
    let soundness = LogSoundness(log: header.log, sound: 0, last: 0, bytes: 0, forged: [])
    indices[header.log] = indices[header.log] ?? logs.count
    logs.append(Log(ordinal: ordinal, header: header, soundness: soundness, end: header.foundingHash))
  }

  /// Finds which logs those are of which the row is lost, among such as are `known` elsewhere: a first change has the hash that is kept of
  /// it on what its own log is founded on, and on no other one. A branch, which begins otherwise, is not found. O(known) for each.
  private mutating func findHeaders(_ known: [LogHeader], _ db: Database) {
    guard !known.isEmpty, let last = try? Int64.fetchOne(db, sql: "SELECT max(id) >> 32 FROM change") else { return }
    let there = Set(logs.map(\.ordinal))
    for ordinal in 0..<Int(max(0, min(last, Int64(Limits.logsMax) - 1) + 1)) where !there.contains(ordinal) {
      guard let row = SalvagedRow(ChangeKey(ordinal: ordinal, sequence: 1), in: db),
        let header = known.first(where: { indices[$0.log] == nil && row.isFirst(of: $0) })
      else { continue }
      add(header, as: ordinal)
    }
  }

  /// The header in a row, if the log's name, which is a hash of it, bears it out.
  private func header(_ ordinal: Int, _ db: Database) throws -> LogHeader? {
    let row = try db.first("SELECT id, header FROM log WHERE ordinal = ?") {
      $0.add(Int64(ordinal))
    } _: {
      (id: Array(try $0.bytes(0)), header: Array(try $0.bytes(1)))
    }
    guard let row else { return nil }
    var reader = ByteReader(row.header)
    let header = try LogHeader(&reader)
    return header.log.bytes.bytes == row.id ? header : nil
  }

  private func device(of header: LogHeader) -> Digest? {
    switch header {
    case .device(let device, _): return device
    case .branch(let root, _, _):
      guard case .device(let device, _)? = self[root]?.header else { return nil }
      return device
    }
  }

  private mutating func readBranches(_ db: Database) {
    do {
      let rows = try db.all("SELECT log, parent FROM branch ORDER BY log") { _ in
      } _: {
        (log: try $0.integer(0), parent: try $0.integer(1))
      }
      for row in rows {
        guard let branch = logs.first(where: { $0.ordinal == row.log })?.header.log,
          let parent = logs.first(where: { $0.ordinal == row.parent })?.header.log,
          branches.attach(branch, to: parent)
        else {
          tableFaults.append("log number \(row.log) is no branch that goes on from log number \(row.parent)")
          continue
        }
      }
    } catch {
      tableFaults.append("the table of branches cannot be read: \(Self.said(error))")
    }
  }

  /// Whether all rows of changes are of logs of those numbers. O(numbers).
  private static func hasOnlyChanges(of ordinals: [Int], _ db: Database) throws -> Bool {
    var next = Int64.min
    for ordinal in ordinals.sorted() {
      let keys = ChangeKey.range(ofOrdinal: ordinal)
      if try isAnyChange(in: next..<keys.lowerBound, db) { return false }
      next = keys.upperBound + 1
    }
    return try !isAnyChange(in: next..<Int64.max, db)
  }

  private static func isAnyChange(in keys: Range<Int64>, _ db: Database) throws -> Bool {
    let sql = "SELECT EXISTS(SELECT 1 FROM change WHERE id >= ? AND id < ?)"
    return try Bool.fetchOne(db, sql: sql, arguments: [keys.lowerBound, keys.upperBound]) ?? false
  }

  // MARK: One log

  /// The same, with what lies behind the first change of each log that is not sound. O(what is not sound).
  func readingRest(_ db: Database) -> LogSurvey {
    var survey = self
    for index in logs.indices {
      let log = logs[index]
      guard let fault = log.soundness.fault else { continue }
      // While the log that a branch goes on from is not sound, it is not known what the branch is founded on.
      let parent = log.header.isBranch ? branches.parent(of: log.header.log).flatMap { self[$0] } : nil
      let isFounded = log.soundness.sound > 0 || parent?.isWhole ?? !log.header.isBranch
      let rest = LogRest(of: log, end: isFounded ? log.end : nil, branches, db)
      survey.logs[index].soundness.fault = fault + rest.words(behind: isFounded ? log.soundness.sound + 1 : nil)
      (survey.logs[index].soundness.damaged, survey.logs[index].soundness.readable) = (rest.damaged, rest.readable)
    }
    return survey
  }

  private mutating func read(_ index: Int, _ db: Database, _ advanced: () throws -> Void) throws {
    let (ordinal, log) = (logs[index].ordinal, logs[index].header.log)
    let bounds = ChangeKey.range(ofOrdinal: ordinal)
    defer { noteLastRow(of: index, in: bounds, db) }
    if logs[index].header.isBranch {
      // A log that is only the name of a branch has nothing.
      guard let parent = branches.parent(of: log) else { return }
      guard let before = self[parent], before.isWhole else {
        logs[index].soundness.fault = "log \(log) goes on from log \(parent), of which the end is not sound"
        return
      }
      logs[index].end = before.end
    }
    do {
      try db.forEach("SELECT id, hash, signature, bytes FROM change WHERE id BETWEEN ? AND ? ORDER BY id") { values in
        values.add(bounds.lowerBound)
        values.add(bounds.upperBound)
      } _: {
        try take($0, index)
        do { try advanced() } catch { throw Abandoned(reason: error) }
      }
    } catch let abandoned as Abandoned {
      throw abandoned.reason
    } catch {
      logs[index].soundness.fault =
        (error as? Unsound)?.reason
        ?? "change \(logs[index].soundness.sound + 1) of log \(log) cannot be read: \(Self.said(error))"
    }
  }

  /// Why a log is sound no further.
  private struct Unsound: Error {
    let reason: String
  }

  /// Somebody wants no more to be read.
  private struct Abandoned: Error {
    let reason: any Error
  }

  private mutating func take(_ row: Database.Columns, _ index: Int) throws {
    let log = logs[index].header.log
    let key = ChangeKey(rawValue: try row.integer(0))
    let (number, overflow) = logs[index].soundness.sound.addingReportingOverflow(1)
    guard !overflow, key.sequence == number else { throw Unsound(reason: "change \(number) of log \(log) is missing") }
    let original = branches.original(ChangeID(log: log, sequence: number))
    let sealed: SealedChange
    do {
      guard let bytes = try row.withBytes(3, PackedChange.bytes) else {
        throw Unsound(reason: "change \(number) of log \(log) cannot be unpacked")
      }
      sealed = try SealedChange(bytes: bytes, context: .init(id: original, previous: logs[index].end))
    } catch let error as WireError {
      throw Unsound(reason: "change \(number) of log \(log) cannot be read: \(error.message)")
    }
    guard try Digest(row.bytes(1)) == sealed.hash else {
      throw Unsound(reason: "change \(number) of log \(log) does not have the hash that is kept of it")
    }
    logs[index].end = sealed.hash
    logs[index].soundness.sound = number
    logs[index].soundness.bytes += UInt64(sealed.bytes.count)
    for dependency in sealed.change.dependencies {
      needed[dependency.change.log] = max(needed[dependency.change.log] ?? 0, dependency.change.sequence)
    }
    guard let signature = try row.optionalBytes(2) else { return }
    let checkpoint = Checkpoint(change: original, hash: sealed.hash, signature: Array(signature))
    if isSigned(checkpoint, self[branches.root(of: log)]?.header ?? logs[index].header) {
      logs[index].signed.insert(number)
    } else {
      logs[index].soundness.forged.append(number)
    }
  }

  /// Notes how far a log is known to have gone, and what is wrong where that is further than what is there.
  private mutating func noteEnd(of index: Int, _ ends: OwnLogEnds, unkept: UInt32) {
    let (log, sound) = (logs[index].header.log, logs[index].soundness.sound)
    let built = lastBuiltOn(log)
    let known = max(logs[index].soundness.last, built, log == ends.log ? ends.noted : 0)
    if logs[index].isWhole, known > sound {
      logs[index].soundness.fault =
        Self.lacking(sound + 1...known, of: log)
        + (built == known ? ", and others build on that" : ", and this device noted that it wrote that")
    }
    logs[index].last = log == ends.log ? max(known, ends.told) : known
    logs[index].soundness.unkept = unkept > sound ? unkept : 0
    logs[index].soundness.known = max(logs[index].last, unkept)
  }

  /// The last change of a log on which others build; 0 for none. Of a log that forked, or is a branch, a name alone does not tell which
  /// branch is meant: of it that is the change from which branches go on, where there are any, and what others build on behind that is
  /// not counted.
  private func lastBuiltOn(_ log: LogID) -> UInt32 {
    let following = branches.branches(after: log)
    guard following.isEmpty, branches.root(of: log) == log else {
      return following.map { branches.offset(of: $0) - min(branches.offset(of: log), branches.offset(of: $0)) }.max()
        ?? 0
    }
    return needed[log] ?? 0
  }

  /// That changes of a log are not there.
  static func lacking(_ changes: ClosedRange<UInt32>, of log: LogID) -> String {
    changes.count == 1
      ? "change \(changes.lowerBound) of log \(log) is not there"
      : "changes \(changes.lowerBound) to \(changes.upperBound) of log \(log) are not there"
  }

  private mutating func noteLastRow(of index: Int, in bounds: ClosedRange<Int64>, _ db: Database) {
    var last: UInt32 = 0
    do {
      let key = try db.first("SELECT id FROM change WHERE id BETWEEN ? AND ? ORDER BY id DESC LIMIT 1") { values in
        values.add(bounds.lowerBound)
        values.add(bounds.upperBound)
      } _: {
        ChangeKey(rawValue: try $0.integer(0))
      }
      last = key?.sequence ?? 0
    } catch {
      logs[index].isEndRead = false
    }
    logs[index].soundness.last = max(last, logs[index].soundness.sound)
  }

  private static func said(_ error: any Error) -> String {
    switch error {
    case let error as DatabaseError: error.message ?? "no further word"
    case let error as WireError: error.message
    default: "\(error)"
    }
  }
}
