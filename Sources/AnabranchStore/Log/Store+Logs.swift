public import AnabranchCore
internal import AnabranchWire
internal import GRDB

internal import struct Foundation.Data

extension Store {
  /// The log this replica writes; nil before the first one is opened.
  public var ownLog: LogID? {
    state.own
  }

  /// How far each log is held. O(logs).
  public var vector: VersionVector {
    state.vector
  }

  /// The heads that no held change depends on, in ascending order.
  public var frontier: [ChangeID] {
    state.frontier.heads
  }

  /// The latest timestamp that this replica follows: what it writes next is later.
  public var clock: HybridTime {
    state.clock.latest
  }

  /// Every log that is held, or was announced, with its head; in ascending order.
  public var heads: [(log: LogID, header: LogHeader, head: LogHead)] {
    state.records.map { (log: $0.id, header: $0.header, head: $0.head) }.sorted { $0.log < $1.log }
  }

  /// How far `log` is held, and the hash there; nil for a log that is not known.
  public func head(of log: LogID) -> LogHead? {
    state[log]?.head
  }

  /// What `log` is founded on; nil for a log that is not known.
  public func header(of log: LogID) -> LogHeader? {
    state[log]?.header
  }

  /// The hash of a held change; nil where it is not held. O(log n).
  public func hash(of change: ChangeID) throws(StoreError) -> Digest? {
    if let head = state[change.log]?.head, head.sequence == change.sequence { return head.hash }
    return try reading { db in try state.hash(of: change, in: db) }
  }

  /// Opens another log for this device and writes to it from now on. An open change is sealed first.
  ///
  /// A new log never follows numbers that may have been used elsewhere: it is what a restored backup needs. So a
  /// log that anything is known of is refused, with ``StoreError/Code/exists``.
  public func openLog(_ header: LogHeader, wall: Int64) throws(StoreError) {
    try transaction { db, state in
      _ = try seal(db, &state, wall: wall)
      try begin(header, db, &state)
    }
  }

  func begin(_ header: LogHeader, _ db: Database, _ state: inout LogState) throws {
    guard state[header.log] == nil else {
      throw StoreError(
        .exists, "log \(header.log) exists already; it cannot be opened again",
        remedy: "open one with another nonce")
    }
    try state.noteOwnWork(in: db)
    let (before, ends) = (state.membership, state.ends)
    let log = try state.register(header, in: db)
    state.own = log
    try state.readRoster(db)
    _ = try followRights(since: before, upTo: ends, db, state)
    try Setting.ownLog.set(Data(log.bytes.bytes), in: db)
    try state.saveFrontier(db)
  }

  /// What this device wrote into this database: not what a copy of it wrote, though that is the same device's by its key, nor
  /// what another device did that this is a backup of. O(logs that were written here).
  public func ownWork() throws(StoreError) -> VersionVector {
    try reading { db in
      guard let own = state.own, let device = state.device(of: own) else { return VersionVector() }
      var work = VersionVector(
        try state.formerWork(in: db).entries.filter { state.device(of: $0.log) == device }.map { ($0.log, $0.sequence) }
      )
      work[own] = state[own]?.head.sequence ?? 0
      return work
    }
  }

  /// The mark by which the device knows this database for the one it wrote last; nil where it never had one.
  public func originMark() throws(StoreError) -> String? {
    try reading { db in try Setting.originMark.get(String.self, in: db) }
  }

  /// Gives the database another mark.
  public func setOriginMark(_ mark: String) throws(StoreError) {
    try transaction { db, _ in try Setting.originMark.set(mark, in: db) }
  }

  /// What a person calls this device.
  public func name() throws(StoreError) -> String {
    try reading { db in String(decoding: try Setting.name.get(Data.self, in: db) ?? Data(), as: UTF8.self) }
  }

  /// Calls this device `name`.
  public func setName(_ name: String) throws(StoreError) {
    // A string would end at its first U+0000.
    try transaction { db, _ in try Setting.name.set(Data(name.utf8), in: db) }
  }
}

extension LogState {
  /// The hash of a held change.
  func hash(of change: ChangeID, in db: Database) throws -> Digest? {
    guard let record = self[change.log], change.sequence > 0, change.sequence <= record.head.sequence,
      let key = key(of: change)
    else { return nil }
    if change.sequence == record.head.sequence { return record.head.hash }
    return try db.changeHash(key)
  }

  /// Keeps a sealed change in its log, whose head it must follow. Returns whether it says something of the roster.
  mutating func keep(_ sealed: SealedChange, wall: Int64, in db: Database, _ insertion: Database.KeptStatement) throws
    -> Bool
  {
    guard let key = key(of: sealed.change.id) else {
      throw StoreError(.damaged, "log \(sealed.change.id.log) is not registered")
    }
    try db.run(insertion, last: PackedChange.row(of: sealed)) { values in
      values.add(key.rawValue)
      values.add(sealed.hash)
    }
    advance(to: sealed, wall: wall)
    return try db.noteRosterOperations(of: sealed.change, at: key)
  }
}

extension LogState {
  /// How far logs were written into this database that it writes no more.
  fileprivate func formerWork(in db: Database) throws -> VersionVector {
    vector(stored: try Setting.formerWork.get(Data.self, in: db))
  }

  /// Takes note of all of the log that this database writes, before it goes on in another one.
  func noteOwnWork(in db: Database) throws {
    guard let own, let head = self[own]?.head, head.sequence > 0 else { return }
    var work = try formerWork(in: db)
    work[own] = max(work[own], head.sequence)
    try Setting.formerWork.set(stored(work), in: db)
  }
}
