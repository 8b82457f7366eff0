internal import AnabranchCore
internal import AnabranchWire
internal import GRDB

internal import struct Foundation.Data

extension LogState {
  /// The state as the database has it; of its roster only what `known` does not have is read. O(logs + roster), whatever the
  /// history. Where `end` is given, the logs are taken to end there.
  init(_ db: Database, knowing known: LogState = LogState(), upTo end: VersionVector? = nil) throws {
    unreadable = known.unreadable
    for row in try Row.fetchAll(db, sql: "SELECT ordinal, id, header FROM log ORDER BY ordinal") {
      let ordinal = try row.decode(Int.self, forColumn: "ordinal")
      guard let id = try Bytes16(row.decode(Data.self, forColumn: "id")), ordinal == records.count else {
        throw StoreError(
          .damaged, "the table of logs is damaged at log \(ordinal)",
          remedy: StoreError.repairing)
      }
      var reader = ByteReader(Array(try row.decode(Data.self, forColumn: "header")))
      let header = try LogHeader(&reader)
      var head = LogHead(sequence: 0, hash: header.foundingHash)
      var bounds = ChangeKey.range(ofOrdinal: ordinal)
      if let end { bounds = bounds.lowerBound...ChangeKey(ordinal: ordinal, sequence: end[LogID(id)]).rawValue }
      if let last = try Row.fetchOne(
        db.cachedStatement(
          sql: "SELECT id, hash FROM change WHERE id BETWEEN ? AND ? ORDER BY id DESC LIMIT 1"),
        arguments: [bounds.lowerBound, bounds.upperBound])
      {
        let key = ChangeKey(rawValue: try last.decode(forColumn: "id"))
        guard let hash = try Digest(last.decode(Data.self, forColumn: "hash")) else {
          throw StoreError(
            .damaged, "change \(key.sequence) of log \(LogID(id)) has no hash",
            remedy: "see `anabranch inspect check`")
        }
        head = LogHead(sequence: key.sequence, hash: hash)
      }
      let signed = try db.lastCheckpoint(in: bounds).map { $0.sequence } ?? 0
      _ = add(Record(id: LogID(id), header: header, head: head, signed: min(signed, head.sequence)))
    }
    try readBranches(db)
    own = try Setting.ownLog.get(Data.self, in: db).flatMap { Bytes16($0) }.map { LogID($0) }
    let space = try Setting.space.get(Data.self, in: db).flatMap { Bytes16($0) }
    membership.space = space
    membership.isBinding =
      try space != nil && Setting.rosterSpace.get(Data.self, in: db).flatMap { Bytes16($0) } == space
    if space == known.membership.space { membership.reading = known.membership.reading }
    try readRoster(db)
    try restoreFrontier(db)
    try restoreClock(db)
    open = try OpenChange.load(db, self)
  }

  /// An open change is the next of the own log. A disk that lost part of a commit can show one that was sealed already:
  /// sealed again it would take its timestamp along. So nobody writes such a database; who reads it passes over that
  /// text.
  func checkOpenChange() throws(StoreError) {
    guard let open else { return }
    guard isNext(open.id) else {
      throw StoreError(
        .damaged,
        "text that is not sealed belongs to change \(open.id.sequence) of log \(open.id.log), which is not the next "
          + "one of this replica's log",
        remedy: StoreError.repairing)
    }
  }

  /// Whether `change` is the one that the own log goes on with.
  func isNext(_ change: ChangeID) -> Bool {
    guard change.log == own, let head = self[change.log]?.head else { return false }
    return change.sequence == head.sequence &+ 1
  }

  /// The frontier as it was saved; where own changes came after, the last one builds on all of it.
  private mutating func restoreFrontier(_ db: Database) throws {
    let saved = KeyList.keys(try Setting.frontier.get(Data.self, in: db) ?? Data())
    let head = own.flatMap { self[$0]?.head } ?? LogHead(sequence: 0, hash: .zero)
    if let own, Int64(head.sequence) > saved.first ?? 0 {
      frontier = Frontier([ChangeID(log: own, sequence: head.sequence)])
    } else {
      frontier = Frontier(try saved.dropFirst().map { try change(of: ChangeKey(rawValue: $0)) })
    }
  }

  /// The clock as it was saved when something was received, or later where this replica wrote since.
  ///
  /// Its own timestamps count whatever the wall clock says: it may have been set back meanwhile. What others wrote
  /// was believed, or not, when it came; their word for it, their own wall clock, cannot decide that. What nobody ever wrote is
  /// a disk's invention, and would date all that is written from now on.
  private mutating func restoreClock(_ db: Database) throws {
    let saved = HybridTime(rawValue: UInt64(bitPattern: try Setting.clock.get(Int64.self, in: db) ?? 0))
    var latest = try own.flatMap { try lastTime(in: $0, db) } ?? .zero
    if let open = try Int64.fetchOne(db, sql: "SELECT time FROM open_change") {
      latest = max(latest, HybridTime(rawValue: UInt64(bitPattern: open)))
    }
    if saved > latest {
      var written = latest
      // A log that cannot be read says nothing; `verify` names it.
      for record in records where written < saved {
        written = max(written, (try? lastTime(in: record.id, db)) ?? .zero)
      }
      latest = min(saved, written)
    }
    clock = HybridClock(latest: latest)
  }

  /// The time of a log's last change, which is its latest; nil where nothing of it is held.
  private func lastTime(in log: LogID, _ db: Database) throws -> HybridTime? {
    guard let head = self[log]?.head, head.sequence > 0 else { return nil }
    return try changeHeader(of: ChangeID(log: log, sequence: head.sequence), in: db).time
  }

  /// Saves the frontier, how far the own log was then, and the clock. Needed only after changes that do not build on
  /// all that is held: received ones, and an open change that received ones overtook.
  func saveFrontier(_ db: Database) throws {
    let sequence = own.flatMap { self[$0]?.head.sequence } ?? 0
    let keys = frontier.heads.compactMap { key(of: $0)?.rawValue }
    try Setting.frontier.set(Data(KeyList.bytes([Int64(sequence)] + keys)), in: db)
    try Setting.clock.set(Int64(bitPattern: clock.latest.rawValue), in: db)
  }

  /// Takes note of a log, by what it is founded on, and gives it an ordinal. A log has one header, since its name is
  /// a hash of it.
  mutating func register(_ header: LogHeader, in db: Database) throws -> LogID {
    let log = header.log
    guard ordinal(of: log) == nil else { return log }
    guard records.count < Limits.logsMax else {
      throw StoreError(
        .limit, "expected at most \(Limits.logsMax) logs in one history",
        remedy: "a peer may be misbehaving; see which one with `anabranch status`")
    }
    let ordinal = add(
      Record(id: log, header: header, head: LogHead(sequence: 0, hash: header.foundingHash)))
    try db.execute(
      sql: "INSERT INTO log(ordinal, id, header) VALUES(?, ?, ?)",
      arguments: [ordinal, Data(log.bytes.bytes), Data(header.canonicalBytes)])
    return log
  }
}
