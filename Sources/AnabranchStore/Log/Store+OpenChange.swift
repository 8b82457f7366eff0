public import AnabranchCore
internal import AnabranchWire
internal import GRDB

internal import struct Foundation.Data

extension Store {
  /// Adds `draft`, which appends text, to the open change, durable when this returns; opens one if there is none.
  ///
  /// The change is sealed as soon as it is full; else ``sealOpenChange(wall:)`` seals it, which the caller does
  /// after ``AnabranchCore/OpenChange/restMsMax`` without another operation, and before sending. Views and state
  /// hash show sealed changes; readers add the open one's text. Returns the operation's name.
  @discardableResult
  public func append(_ draft: Draft, wall: Int64) throws(StoreError) -> OperationID {
    try transaction { db, state in
      var open: OpenChange
      if let existing = try OpenChange.load(db, state) {
        open = existing
      } else {
        let context = try state.nextContext()
        open = OpenChange(
          id: context.id, time: state.clock.tick(wall: wall), wall: wall, action: context.id.sequence)
        try open.begin(db, state)
      }
      // Checked now: what is in an open change must be possible to seal.
      let saved = draft.canonicalBytes(id: open.id, time: open.time)
      let read = try? Draft(canonicalBytes: saved, id: open.id, time: open.time)
      try Self.check(draft, readAs: read?.mutation ?? .unknown)
      let index = open.append(draft)
      try open.save(saved, position: try Self.openOperations(db), in: db)
      if open.isFull { _ = try seal(db, &state, wall: wall) }
      return OperationID(log: open.id.log, sequence: open.id.sequence, index: index)
    }
  }

  /// Seals the open change, if there is one, and returns its name.
  @discardableResult
  public func sealOpenChange(wall: Int64) throws(StoreError) -> ChangeID? {
    guard try hasOpenChange() else { return nil }
    return try transaction { db, state in try seal(db, &state, wall: wall) }
  }

  /// Whether operations are waiting to be sealed.
  public func hasOpenChange() throws(StoreError) -> Bool {
    try reading { db in try Self.openOperations(db) > 0 }
  }

  private static func openOperations(_ db: Database) throws -> Int {
    try Int.fetchOne(db.cachedStatement(sql: "SELECT count(*) FROM open_operation")) ?? 0
  }

  /// Seals the open change within a transaction; nil if there is none.
  func seal(_ db: Database, _ state: inout LogState, wall: Int64) throws -> ChangeID? {
    let views = ViewWriter(db)
    let change = try seal(db, &state, wall: wall, views: views)
    try views.finish(logs: &state)
    return change
  }

  func seal(_ db: Database, _ state: inout LogState, wall: Int64, views: ViewWriter) throws -> ChangeID? {
    guard let open = try OpenChange.load(db, state) else { return nil }
    let dependencies = try OpenChange.dependencies(db, state)
    let sealed = SealedChange(sealing: open, context: try state.nextContext(), dependencies: dependencies)
    try Self.check(sealed, of: open)
    try state.store(sealed, wall: wall, views: views, in: db)
    try db.execute(sql: "DELETE FROM open_operation; DELETE FROM open_change")
    try state.saveFrontier(db)
    return open.id
  }
}

extension OpenChange {
  /// The open change as the database has it; nil if there is none.
  static func load(_ db: Database, _ state: LogState) throws -> OpenChange? {
    guard
      let row = try Row.fetchOne(
        db.cachedStatement(sql: "SELECT id, time, wall, action FROM open_change"))
    else { return nil }
    let id = try state.change(of: ChangeKey(rawValue: row.decode(forColumn: "id")))
    var open = OpenChange(
      id: id, time: HybridTime(rawValue: UInt64(bitPattern: try row.decode(forColumn: "time"))),
      wall: try row.decode(forColumn: "wall"), action: try row.decode(forColumn: "action"))
    let drafts = try Data.fetchAll(
      db.cachedStatement(sql: "SELECT draft FROM open_operation ORDER BY position"))
    for bytes in drafts {
      _ = open.append(try Draft(canonicalBytes: Array(bytes), id: id, time: open.time))
    }
    return open
  }

  /// What its writer had seen when it was opened.
  static func dependencies(_ db: Database, _ state: LogState) throws -> [Dependency] {
    let bytes = try Data.fetchOne(db.cachedStatement(sql: "SELECT dependencies FROM open_change")) ?? Data()
    return try KeyList.keys(bytes).compactMap { key in
      let change = try state.change(of: ChangeKey(rawValue: key))
      return try state.hash(of: change, in: db).map { Dependency(change: change, hash: $0.head) }
    }
  }

  fileprivate func begin(_ db: Database, _ state: LogState) throws {
    let keys = state.dependencies(of: id.log).compactMap { state.key(of: $0.change)?.rawValue }
    try db.execute(
      sql: "INSERT INTO open_change(id, time, wall, action, dependencies) VALUES(?, ?, ?, ?, ?)",
      arguments: [
        state.key(of: id)?.rawValue, Int64(bitPattern: time.rawValue), wall, action,
        Data(KeyList.bytes(keys)),
      ])
  }

  fileprivate func save(_ draft: [UInt8], position: Int, in db: Database) throws {
    try db.cachedStatement(sql: "INSERT INTO open_operation(position, draft) VALUES(?, ?)")
      .execute(arguments: [position, Data(draft)])
  }
}
