public import AnabranchCore
internal import AnabranchStore

/// How one history differs from another one: two replicas, two files, or the same one at two times.
public struct HistoryDifference: Hashable, Sendable {
  /// A log of which the two hold different numbers of changes.
  public struct Log: Hashable, Sendable {
    /// The log.
    public var log: LogID
    /// What the device that writes it is called, where either of them knows.
    public var device: String?
    /// How many changes the one holds.
    public var before: UInt32
    /// How many the other one holds.
    public var after: UInt32
  }

  /// Those logs, in ascending order.
  public var logs: [Log] = []
  /// Conversations that differ, the one written last first; at most as many as were asked for.
  public var conversations: [ConversationDifference] = []
  /// How many differ.
  public var count = 0
}

extension Replica {
  /// How the history that `after` reads differs from that which `before` reads; of at most `limit` conversations it is told what.
  ///
  /// Conversations are compared by the hashes that the views keep, so that only those that differ are read. O(conversations + logs +
  /// messages of the conversations told).
  public static func difference(
    from before: Replica, to after: Replica, limit: Int
  ) async throws(AnabranchError) -> HistoryDifference {
    var difference = HistoryDifference()
    let (old, new) = (try await before.outline(), try await after.outline())
    for log in Set(old.logs.keys).union(new.logs.keys).sorted() where old.logs[log] != new.logs[log] {
      difference.logs.append(
        .init(
          log: log, device: new.names[log] ?? old.names[log], before: old.logs[log] ?? 0, after: new.logs[log] ?? 0))
    }
    let (was, isNow) = (Dictionary(old.conversations) { $1 }, Dictionary(new.conversations) { $1 })
    let differing =
      new.conversations.map(\.0).filter { was[$0] != isNow[$0] }
      + old.conversations.map(\.0).filter { isNow[$0] == nil }
    difference.count = differing.count
    for id in differing.prefix(limit) {
      difference.conversations.append(
        ConversationDifference(
          id, from: was[id] == nil ? nil : try await before.present(id),
          to: isNow[id] == nil ? nil : try await after.present(id)))
    }
    return difference
  }

  /// What is compared without reading any conversation.
  private struct Outline {
    var logs: [LogID: UInt32]
    var names: [LogID: String]
    var conversations: [(ObjectID, Digest)]
  }

  /// A conversation; nil where it went since, as where somebody purges it meanwhile.
  private func present(_ id: ObjectID) throws(AnabranchError) -> ConversationRecord? {
    try withStore { (store) throws(StoreError) in try store.conversation(id, isCompared: true) }
  }

  private func outline() throws(AnabranchError) -> Outline {
    let names = try names()
    return try withStore { (store) throws(StoreError) in
      try store.consistently { () throws(StoreError) in
        let conversations = try store.fingerprints().map { ($0.id, $0.fingerprint) }
        let logs = store.vector.entries.map { ($0.log, $0.sequence) }
        return Outline(logs: Dictionary(uniqueKeysWithValues: logs), names: names, conversations: conversations)
      }
    }
  }
}
