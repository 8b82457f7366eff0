public import AnabranchCore
internal import AnabranchWire
internal import GRDB

/// A conversation in the trash.
public struct TrashedConversation: Hashable, Sendable {
  /// The conversation.
  public var id: ObjectID
  /// When it was put there last, milliseconds since 1970 on its writer's hybrid clock.
  public var deleted: Int64
  /// When this device first told that its time in the trash is over; nil where it has not.
  public var announced: Int64?
}

extension Store {
  /// What lies in the trash, what was put there first before the rest. O(conversations).
  public func trash() throws(StoreError) -> [TrashedConversation] {
    try reading { db in
      let sql = """
        SELECT key, time FROM conversation LEFT JOIN announced_expiry ON conversation = key
        WHERE trashed = 1 AND \(ConversationRow.existing)
        """
      let rows = try db.all(sql) { _ in
      } _: {
        (key: try $0.integer(0), announced: try $0.optionalInteger(1))
      }
      return try rows.map { row in
        let times = try db.deletions(of: row.key, state).compactMap { deletion in
          try state.key(of: deletion.operation).flatMap { try db.operationIfHeld($0, state) }?.change.time.milliseconds
        }
        return TrashedConversation(
          id: try ObjectID(key: row.key, logs: state, db), deleted: times.max() ?? 0, announced: row.announced)
      }.sorted { ($0.deleted, $0.id) < ($1.deleted, $1.id) }
    }
  }

  /// Those of which somebody was told that their time in the trash is over, whether they still lie there or not.
  public func announcedExpiries() throws(StoreError) -> Set<ObjectID> {
    try reading(onlyRows: true) { db in
      let keys = try Int64.fetchAll(db, sql: "SELECT conversation FROM announced_expiry")
      return try Set(keys.map { try ObjectID(key: $0, logs: state, db) })
    }
  }

  /// Notes that somebody was told at `time` that the time of these in the trash is over, and forgets what was noted of
  /// all others.
  public func announceExpiry(of conversations: [ObjectID], at time: Int64) throws(StoreError) {
    try transaction { db, state in
      let keys = try conversations.compactMap { try db.key(of: $0, state) }
      let noted = try Int64.fetchAll(db, sql: "SELECT conversation FROM announced_expiry")
      for key in Set(noted).subtracting(keys).sorted() {
        try db.run("DELETE FROM announced_expiry WHERE conversation = ?") { $0.add(key) }
      }
      for key in keys {
        try db.run("INSERT OR IGNORE INTO announced_expiry(conversation, time) VALUES(?, ?)") { values in
          values.add(key)
          values.add(time)
        }
      }
    }
  }
}
