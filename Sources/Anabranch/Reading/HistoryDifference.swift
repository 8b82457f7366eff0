public import AnabranchCore
internal import AnabranchStore

/// How one history differs from another one: two replicas, two files, or the same one at two times.
public struct HistoryDifference: Hashable, Sendable {
  /// A log of which the two do not hold the same changes.
  public struct Log: Hashable, Sendable {
    /// The log.
    public var log: LogID
    /// What the device that writes it is called, where either of them knows.
    public var device: String?
    /// How many changes the one holds.
    public var before: UInt32
    /// How many the other one holds.
    public var after: UInt32
    /// The first change under whose number the two hold different ones: a database was set back or copied, and both were written on, and
    /// they have not met since. Nil where what both hold is the same.
    public var forkedAt: UInt32?
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
  /// Conversations are compared by the hashes that the views keep, so that only those that differ are read, one after the other; logs by the
  /// hashes of their changes.
  /// O(conversations + logs + messages of the conversations told); in memory are, beside what differs, both sides of one conversation.
  public static func difference(
    from before: Replica, to after: Replica, limit: Int
  ) async throws(AnabranchError) -> HistoryDifference {
    let (old, new) = (try await before.outline(), try await after.outline())
    let comparison = HistoryComparison(from: old, to: new, limit: limit)
    var difference = comparison.difference
    difference.logs = try await logs(from: old, to: new, of: before, after)
    for id in comparison.told {
      let (old, new) = (try await before.present(id), try await after.present(id))
      difference.conversations.append(comparison.difference(of: id, from: old, to: new))
    }
    return difference
  }

  /// How a point in the past of this history differs from another one; nil where neither has all of the other, or a log forked in
  /// between: then rewind two replicas to them, and compare these.
  ///
  /// Only of a replica that is open for reading; close it then. O(changes of the one that has more); see
  /// ``difference(from:to:limit:)`` for the rest, but that one side of all conversations told is in memory: the two points are not shown
  /// in turn for each.
  public func difference(
    from before: PastPoint, to after: PastPoint, limit: Int,
    progress: @escaping @Sendable (_ done: UInt64, _ total: UInt64) -> Void = { _, _ in }
  ) throws(AnabranchError) -> HistoryDifference? {
    try withStore { (store) throws(StoreError) in
      let forward = try store.comparing(before, after, progress: progress) { (show) throws(StoreError) in
        try Self.difference(from: .earlier, to: .later, limit: limit, in: store, show)
      }
      guard forward == nil else { return forward }
      return try store.comparing(after, before, progress: progress) { (show) throws(StoreError) in
        try Self.difference(from: .later, to: .earlier, limit: limit, in: store, show)
      }
    }
  }

  private static func difference(
    from before: ComparedPast, to after: ComparedPast, limit: Int, in store: Store,
    _ show: (ComparedPast) throws(StoreError) -> Void
  ) throws(StoreError) -> HistoryDifference {
    var outlines: [ComparedPast: HistoryComparison.Outline] = [:]
    // The later one, which goes on from the earlier one, is shown only once.
    for past in [ComparedPast.earlier, .later] {
      try show(past)
      outlines[past] = try outline(of: store)
    }
    guard let old = outlines[before], let new = outlines[after] else { return HistoryDifference() }
    let comparison = HistoryComparison(from: old, to: new, limit: limit)
    var later: [ObjectID: ConversationRecord] = [:]
    for id in comparison.told { later[id] = try store.conversation(id, isCompared: true) }
    try show(.earlier)
    var difference = comparison.difference
    for id in comparison.told {
      let (earlier, later) = (try store.conversation(id, isCompared: true), later.removeValue(forKey: id))
      difference.conversations.append(
        before == .earlier
          ? comparison.difference(of: id, from: earlier, to: later)
          : comparison.difference(of: id, from: later, to: earlier))
    }
    return difference
  }

  /// The logs that differ, those too of which both hold as many changes, but not the same. O(logs), and of one that forked O(log changes).
  private static func logs(
    from old: HistoryComparison.Outline, to new: HistoryComparison.Outline, of before: Replica, _ after: Replica
  ) async throws(AnabranchError) -> [HistoryDifference.Log] {
    var logs: [HistoryDifference.Log] = []
    for var log in HistoryComparison.logs(from: old, to: new) {
      func isSame(upTo sequence: UInt32) async throws(AnabranchError) -> Bool {
        let change = ChangeID(log: log.log, sequence: sequence)
        let (one, other) = (try await before.hash(of: change), try await after.hash(of: change))
        // Of a damaged file it may not be known.
        return one == nil || other == nil || one == other
      }
      let common = min(log.before, log.after)
      if common > 0, try await !isSame(upTo: common) {
        // Each hash is of all up to there.
        var (same, other): (UInt32, UInt32) = (0, common)
        while same + 1 < other {
          let middle = same + (other - same) / 2
          if try await isSame(upTo: middle) { same = middle } else { other = middle }
        }
        log.forkedAt = other
      }
      if log.before != log.after || log.forkedAt != nil { logs.append(log) }
    }
    return logs
  }

  /// The hash of a change; nil where it is not held, or cannot be read.
  private func hash(of change: ChangeID) throws(AnabranchError) -> Digest? {
    try withStore { (store) throws(StoreError) in try? store.hash(of: change) }
  }

  /// That conversation; nil where it went since, as where somebody purges it meanwhile, or was never there.
  private func present(_ id: ObjectID) throws(AnabranchError) -> ConversationRecord? {
    try withStore { (store) throws(StoreError) in try store.conversation(id, isCompared: true) }
  }

  private func outline() throws(AnabranchError) -> HistoryComparison.Outline {
    try withStore { (store) throws(StoreError) in
      try store.consistently { () throws(StoreError) in try Self.outline(of: store) }
    }
  }

  private static func outline(of store: Store) throws(StoreError) -> HistoryComparison.Outline {
    let conversations = try store.fingerprints().map { ($0.id, $0.fingerprint) }
    let logs = store.vector.entries.map { ($0.log, $0.sequence) }
    return .init(
      logs: Dictionary(uniqueKeysWithValues: logs), names: try names(in: store), conversations: conversations)
  }
}

/// What of two histories differs, as far as that is found without reading any conversation.
private struct HistoryComparison {
  /// What is compared.
  struct Outline {
    var logs: [LogID: UInt32]
    var names: [LogID: String]
    var conversations: [(ObjectID, Digest)]
  }

  /// The difference without any conversation.
  private(set) var difference = HistoryDifference()
  /// The conversations of which it is told what differs.
  let told: [ObjectID]
  private let was: [ObjectID: Digest]
  private let isNow: [ObjectID: Digest]

  init(from old: Outline, to new: Outline, limit: Int) {
    difference.logs = Self.logs(from: old, to: new).filter { $0.before != $0.after }
    (was, isNow) = (Dictionary(old.conversations) { $1 }, Dictionary(new.conversations) { $1 })
    var differing: [ObjectID] = []
    for (id, hash) in new.conversations where was[id] != hash { differing.append(id) }
    for (id, _) in old.conversations where isNow[id] == nil { differing.append(id) }
    difference.count = differing.count
    told = Array(differing.prefix(limit))
  }

  /// All logs that either has, in ascending order, as if what both hold were the same.
  static func logs(from old: Outline, to new: Outline) -> [HistoryDifference.Log] {
    Set(old.logs.keys).union(new.logs.keys).sorted().map { log in
      .init(
        log: log, device: new.names[log] ?? old.names[log], before: old.logs[log] ?? 0, after: new.logs[log] ?? 0)
    }
  }

  /// What differs of a conversation, as it is in the one and in the other.
  func difference(
    of id: ObjectID, from before: ConversationRecord?, to after: ConversationRecord?
  ) -> ConversationDifference {
    ConversationDifference(id, from: was[id] == nil ? nil : before, to: isNow[id] == nil ? nil : after)
  }
}
