public import AnabranchCore
internal import AnabranchWire
internal import GRDB

extension Store {
  /// The conversations, the one written last first; those in the trash only on demand. Where elements of sets are given,
  /// those that have all of them. O(conversations).
  public func conversations(
    trashed: Bool = false, diverged: Bool = false, with wanted: [(set: SetKind, element: [UInt8])] = [],
    limit: Int = .max
  ) throws(StoreError) -> [ConversationSummary] {
    try reading { db in
      let reader = ContentReader(showing: db, state)
      let rowsMax = wanted.isEmpty && limit < .max ? Int64(limit) : -1
      let rows = try db.all(
        """
        SELECT \(ConversationRow.columns) FROM conversation
        WHERE \(ConversationRow.existing) AND coalesce(trashed, 0) = ? AND diverged >= ?
        ORDER BY updated DESC, key DESC LIMIT ?
        """
      ) { values in
        values.add(trashed)
        values.add(diverged)
        values.add(rowsMax)
      } _: {
        try ConversationRow($0)
      }
      let fitting = try rows.filter { row in
        try wanted.allSatisfy { try reader.elements(of: $0.set, on: row.key).elements.contains($0.element) }
      }
      return try fitting.prefix(limit).map { try reader.summary($0) }
    }
  }

  /// How many conversations outside of the trash have lines which diverged. O(conversations).
  public func divergedCount() throws(StoreError) -> Int {
    try reading { db in
      try Int.fetchOne(
        db,
        sql: """
          SELECT count(*) FROM conversation
          WHERE \(ConversationRow.existing) AND coalesce(trashed, 0) = 0 AND diverged > 0
          """
      ) ?? 0
    }
  }

  /// One conversation as a list shows it; nil where there is none of that name.
  public func summary(of id: ObjectID) throws(StoreError) -> ConversationSummary? {
    try reading { db in
      guard let key = try db.key(of: id, state), let row = try ConversationRow.fetch(db, key: key), row.exists
      else { return nil }
      return try ContentReader(showing: db, state).summary(row)
    }
  }

  /// One conversation with all its messages; nil where there is none of that name. One that `isCompared` with another has no content
  /// passed over: it would seem to differ there. O(its messages).
  public func conversation(_ id: ObjectID, isCompared: Bool = false) throws(StoreError) -> ConversationRecord? {
    try reading { db in
      guard let key = try db.key(of: id, state), let row = try ConversationRow.fetch(db, key: key), row.exists
      else { return nil }
      return try (isCompared ? ContentReader(db, state) : ContentReader(showing: db, state)).conversation(row)
    }
  }

  /// One conversation's messages, in linear order, one at a time; bodies are read as they are handed out.
  public func forEachMessage(
    of id: ObjectID, _ body: (MessageRecord) throws -> Void
  ) throws(StoreError) {
    try reading { db in
      guard let key = try db.key(of: id, state) else { return }
      let reader = ContentReader(showing: db, state)
      guard try !reader.isPurged(key) else { return }
      let shape = try reader.shape(of: key)
      for row in shape.linear { try body(try reader.record(row, shape: shape)) }
    }
  }

  /// The conversation that holds a message, and the message's place in it; nil where there is none. Of several
  /// conversations the one held first in which it shows.
  public func message(_ id: ObjectID) throws(StoreError) -> (conversation: ObjectID, message: MessageRecord)? {
    try reading { db in
      let reader = ContentReader(showing: db, state)
      guard let key = try db.key(of: id, state), let (conversation, row) = try reader.place(ofMessage: key) else {
        return nil
      }
      let found = try MessageRow.finder(
        db, conversation: conversation, tail: MessageTail.fetch(db, of: conversation))
      let line = try LineResolver(conversation: conversation, row: found).line(of: key)
      return (
        try ObjectID(key: conversation, logs: state, db),
        try reader.record(row, line: try ObjectID(key: line, logs: state, db))
      )
    }
  }

  /// The tips of a conversation, each with its line, in the order in which they were written: what somebody who
  /// writes next is shown. Nil where there is no such conversation.
  public func tips(of id: ObjectID) throws(StoreError) -> [(message: ObjectID, line: ObjectID)]? {
    try reading(onlyRows: true) { db in
      guard let row = try existingRow(of: id, db) else { return nil }
      let tips = try row.tips.map { tip in
        let message = try ObjectID(key: tip.message, logs: state, db)
        return (
          message: message, line: tip.line == tip.message ? message : try ObjectID(key: tip.line, logs: state, db)
        )
      }
      guard tips.count > 1 else { return tips }
      let created = try row.tips.map { tip in
        try messageRow(tip.message, in: row.key, db)?.created ?? 0
      }
      return zip(created, tips).sorted { ($0.0, $0.1.message) < ($1.0, $1.1.message) }.map(\.1)
    }
  }

  /// When the last message of a conversation was created, or else the conversation, in milliseconds since 1970. Nil
  /// where there is no such conversation.
  public func updated(of id: ObjectID) throws(StoreError) -> Int64? {
    try reading(onlyRows: true) { db in try existingRow(of: id, db)?.updated }
  }

  private func existingRow(of id: ObjectID, _ db: Database) throws -> ConversationRow? {
    guard let key = try db.key(of: id, state), let row = try conversationRow(key, db), row.exists else { return nil }
    return row
  }

  /// The values of a register that nobody has replaced, the one that shows first.
  public func values(of register: RegisterKind, on id: ObjectID) throws(StoreError) -> [RegisterValue] {
    try reading { db in
      let reader = ContentReader(showing: db, state)
      guard let key = try db.key(of: id, state), try !reader.isPurged(key) else { return [] }
      return try reader.values(of: register, on: key)
    }
  }

  /// A set of an object, with the additions that stand; without those whose bytes are not there.
  public func elements(of set: SetKind, on id: ObjectID) throws(StoreError) -> AddWinsSet<[UInt8]> {
    try reading { db in
      let reader = ContentReader(showing: db, state)
      guard let key = try db.key(of: id, state), try !reader.isPurged(key) else { return AddWinsSet() }
      return try reader.elements(of: set, on: key)
    }
  }

  /// The appends, or the message itself, that end a message's body now, and the body's length in scalars.
  public func end(of id: ObjectID) throws(StoreError) -> (operations: [OperationID], length: UInt32)? {
    try reading { db in
      let reader = ContentReader(db, state)
      guard let key = try db.key(of: id, state), let (_, row) = try reader.place(ofMessage: key),
        try !reader.isPurged(key)
      else { return nil }
      return try reader.end(of: row)
    }
  }
}
