public import AnabranchCore
internal import AnabranchWire
internal import GRDB

internal import struct Foundation.Data

extension Store {
  /// What the history amounts to, in numbers.
  public struct Totals: Hashable, Sendable {
    /// Conversations outside the trash.
    public var conversations: Int
    /// Conversations in the trash.
    public var trashed: Int
    /// Messages of all of them.
    public var messages: Int
    /// Conversations in which some line has several tips.
    public var diverged: Int
    /// Registers that hold several different values.
    public var conflicts: Int
  }

  /// The totals. O(conversations).
  public func totals() throws(StoreError) -> Totals {
    try reading { db in
      let row = try Row.fetchOne(
        db,
        sql: """
          SELECT count(*) - coalesce(sum(trashed), 0) AS conversations, coalesce(sum(trashed), 0) AS trashed,
            coalesce(sum(messages), 0) AS messages, coalesce(sum(diverged > 0), 0) AS diverged
          FROM conversation WHERE \(ConversationRow.existing)
          """)
      guard let row else { throw StoreError(.io, "a count gave no row") }
      let contended = try Row.fetchAll(
        db,
        sql: """
          SELECT object, register FROM register WHERE object NOT IN (SELECT object FROM purge)
          GROUP BY object, register HAVING count(*) > 1
          """)
      let reader = ContentReader(db, state)
      let conflicts = try contended.reduce(0) { count, row in
        let kind = RegisterKind(
          rawValue: UInt32(truncatingIfNeeded: try row.decode(Int64.self, forColumn: "register")))
        return try count + reader.conflicts(in: kind, on: row.decode(forColumn: "object"))
      }
      return Totals(
        conversations: try row.decode(forColumn: "conversations"),
        trashed: try row.decode(forColumn: "trashed"),
        messages: try row.decode(forColumn: "messages"), diverged: try row.decode(forColumn: "diverged"),
        conflicts: conflicts)
    }
  }

  /// The fingerprint of what the history amounts to: equal on every replica with this vector and these rules.
  public func stateHash() throws(StoreError) -> Digest {
    try reading { db in
      var sum = StateHash()
      let rows = try Data.fetchCursor(db, sql: "SELECT fingerprint FROM conversation")
      while let bytes = try rows.next() {
        guard let digest = Digest(bytes) else {
          throw StoreError(
            .damaged, "a conversation's fingerprint is damaged", remedy: "see `anabranch inspect check`")
        }
        sum.add(StateHash(digest))
      }
      return StateHash.state(items: sum)
    }
  }

  /// The fingerprint of the logs themselves: equal on every replica that holds the same changes.
  public var logHash: Digest {
    StateHash.log(heads: state.records.filter { $0.head.sequence > 0 }.map { ($0.id, $0.head) })
  }
}
