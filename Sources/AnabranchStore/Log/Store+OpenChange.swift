public import AnabranchCore
internal import AnabranchWire
internal import GRDB

internal import struct Foundation.Data

extension Store {
  /// Adds `text` at the end of a message's body, durable when this returns; in the open change, which it opens if
  /// there is none.
  ///
  /// Text that follows the text added last joins it. The change is sealed as soon as it is full; else
  /// ``sealOpenChange(wall:)`` seals it, which the caller does after ``AnabranchCore/OpenChange/restMsMax`` without
  /// another operation, and before sending. Views and state hash show sealed changes; readers add the open one's
  /// text. Throws ``StoreError/Code/notFound`` where there is no such message. O(text) while one message is written.
  public func append(_ text: String, to message: ObjectID, salt: Bytes16, wall: Int64) throws(StoreError) {
    var found = try openEnd(of: message)
    if found == nil { found = try end(of: message) }
    guard let (predecessors, position) = found else {
      throw StoreError(.notFound, "there is no message \(message)")
    }
    let append = AppendText(
      predecessors: predecessors, position: position, length: UInt32(clamping: text.scalarCount))
    try self.append(
      Draft(
        kind: .appendText, target: message, mutation: .appendText(append),
        content: .present(salt: salt, bytes: Array(text.utf8)[...])), wall: wall)
  }

  /// Opens another log, as ``openLog(_:wall:)`` does, and goes on in it with what is open: for a database that may be a copy,
  /// nothing more is written under the numbers of its log, which the other copy may use.
  public func leaveLog(for header: LogHeader, wall: Int64) throws(StoreError) {
    try transaction { db, state in
      let left = state.open
      state.open = nil
      try db.run("DELETE FROM open_operation")
      try db.run("DELETE FROM open_change")
      try begin(header, db, &state)
      guard let left else { return }
      let context = try state.nextContext()
      var open = OpenChange(
        id: context.id, time: state.clock.tick(wall: wall), wall: wall, action: context.id.sequence)
      try open.begin(db, state)
      for draft in left.drafts.map({ $0.moved(from: left.id, to: open.id) }) {
        try state.checkReferences(of: draft, in: open)
        try open.save(draft.canonicalBytes(id: open.id, time: open.time), in: db)
        _ = open.append(draft)
      }
      state.open = open
    }
  }

  /// Adds `draft`, which changes a text, to the open change. Returns the operation's name.
  @discardableResult
  func append(_ draft: Draft, wall: Int64) throws(StoreError) -> OperationID {
    try transaction { db, state in
      var open: OpenChange
      if let existing = state.open {
        open = existing
      } else {
        let context = try state.nextContext()
        let action = try action ?? beginning(of: draft, after: context.id, db, state) ?? context.id.sequence
        self.action = action
        open = OpenChange(id: context.id, time: state.clock.tick(wall: wall), wall: wall, action: action)
        try open.begin(db, state)
      }
      try state.check(draft, in: open)
      // Checked now: what is in an open change must be possible to seal.
      let saved = draft.canonicalBytes(id: open.id, time: open.time)
      let read = try? Draft(canonicalBytes: saved, id: open.id, time: open.time)
      try Self.check(draft, isReadAsUnknown: read?.mutation.isUnknown ?? true)
      let index = open.append(draft)
      try open.save(saved, in: db)
      state.open = open
      if open.isFull { _ = try seal(db, &state, wall: wall) }
      return OperationID(log: open.id.log, sequence: open.id.sequence, index: index)
    }
  }

  /// The action that `draft` goes on with: text at the end of a message belongs to the turn that this began, if nothing
  /// else was written here meanwhile. Nil where it is an action of its own.
  private func beginning(
    of draft: Draft, after next: ChangeID, _ db: Database, _ state: LogState
  ) throws -> UInt32? {
    guard case .appendText = draft.mutation, let message = draft.target?.operation, message.log == next.log,
      next.sequence > 1
    else { return nil }
    let last = try state.changeHeader(of: ChangeID(log: next.log, sequence: next.sequence - 1), in: db).action
    return try state.changeHeader(of: message.change, in: db).action == last ? last : nil
  }

  /// Seals the open change, if there is one, and returns its name.
  @discardableResult
  public func sealOpenChange(wall: Int64) throws(StoreError) -> ChangeID? {
    guard hasOpenChange else { return nil }
    return try transaction { db, state in try seal(db, &state, wall: wall) }
  }

  /// Whether operations are waiting to be sealed.
  public var hasOpenChange: Bool {
    state.open != nil
  }

  /// The change that is being written; nil where nothing is.
  public var openChange: OpenChange? {
    state.open
  }

  /// The end of a message's body, where the open change's last operation is what ends it.
  private func openEnd(of message: ObjectID) throws(StoreError) -> (operations: [OperationID], length: UInt32)? {
    guard let open = state.open, let last = open.drafts.last, last.target == message,
      case .appendText(let append) = last.mutation
    else { return nil }
    let (end, overflow) = append.position.addingReportingOverflow(append.length)
    guard !overflow else { throw StoreError(.limit, "message \(message) is too long to be continued") }
    return ([OperationID(log: open.id.log, sequence: open.id.sequence, index: open.nextIndex - last.span)], end)
  }

  /// Seals the open change within a transaction; nil if there is none.
  func seal(_ db: Database, _ state: inout LogState, wall: Int64) throws -> ChangeID? {
    guard let open = state.open else { return nil }
    // Nothing was received since it was opened, or it would have been sealed then.
    let context = try state.nextContext()
    let sealed = SealedChange(
      sealing: open, context: context, dependencies: try state.dependencies(of: open, by: signer, in: db))
    try Self.check(sealed, of: open)
    try apply([state.named(sealed, in: db)], wall: wall, db, &state)
    state.open = nil
    try db.run("DELETE FROM open_operation")
    try db.run("DELETE FROM open_change")
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

  fileprivate func begin(_ db: Database, _ state: LogState) throws {
    try db.cachedStatement(sql: "INSERT INTO open_change(id, time, wall, action) VALUES(?, ?, ?, ?)").execute(
      arguments: [state.key(of: id)?.rawValue, Int64(bitPattern: time.rawValue), wall, action])
  }

  fileprivate func save(_ draft: [UInt8], in db: Database) throws {
    try db.cachedStatement(sql: "INSERT INTO open_operation(draft) VALUES(?)")
      .execute(arguments: [Data(draft)])
  }
}
