public import AnabranchCore
internal import AnabranchStore
internal import AnabranchWire

/// What a replica holds of each log, and where its clock stands: the causal state from which everything it merges follows.
public struct CausalState: Hashable, Sendable {
  /// The logs of which something is held, in ascending order.
  public var logs: [LogRecord]
  /// The latest hybrid time that this replica follows: what it writes next is later.
  public var latest: HybridTime
  /// What its wall clock says, milliseconds since 1970.
  public var wall: Int64
}

/// A log, as a replica holds it.
public struct LogRecord: Hashable, Sendable {
  /// The log.
  public var log: LogID
  /// The device that writes it; nil where that is not known.
  public var device: Digest?
  /// Whether it is the one that this replica writes.
  public var isOwn: Bool
  /// The change of a forked log with which it begins, as its author counted; nil for a log that is no branch.
  public var branchedFrom: ChangeID?
  /// How many changes are held.
  public var count: UInt32
  /// The hash of the last one.
  public var hash: Digest
  /// How far it can be proved that its device wrote it, so that it is passed on.
  public var provable: UInt32
  /// Whether no held change builds on the last one.
  public var isOnFrontier: Bool
  /// When the last one was made, by its writer's hybrid clock.
  public var time: HybridTime
  /// What its writer's own clock said then, milliseconds since 1970.
  public var clock: Int64
}

extension Replica {
  /// What is held of each log, and where the clock stands. O(logs), and a change read of each.
  public func causalState() throws(AnabranchError) -> CausalState {
    let wall = surroundings.wall()
    return try withStore { (store) throws(StoreError) in
      try store.consistently { () throws(StoreError) in
        let (frontier, provable) = (Set(store.frontier), store.provable)
        var logs: [LogRecord] = []
        for (log, _, head) in store.heads where head.sequence > 0 {
          let last = ChangeID(log: log, sequence: head.sequence)
          guard let record = try store.changeRecord(last) else { continue }
          let first = store.branches.original(ChangeID(log: log, sequence: 1))
          logs.append(
            LogRecord(
              log: log, device: store.device(of: log), isOwn: log == store.ownLog,
              branchedFrom: first.log == log ? nil : first, count: head.sequence, hash: head.hash,
              provable: min(provable[log], head.sequence), isOnFrontier: frontier.contains(last),
              time: record.change.time,
              clock: record.change.wall))
        }
        return CausalState(logs: logs, latest: store.clock, wall: wall)
      }
    }
  }

  /// The last changes, of one device or of all, the newest first and each before all that it builds on; and whether there are more.
  ///
  /// At most `limit`, and with `since` only what was made then or later, in milliseconds since 1970. Of changes that nothing orders, what
  /// was made later comes first; what is dated to a time that has not come yet stands right before what it builds on. With `vector` only what that contains: the next page of a list is what the one before has not listed
  /// of each log. O(limit × logs).
  public func graph(
    limit: Int, of device: Digest? = nil, since: Int64? = nil, within vector: VersionVector? = nil
  ) throws(AnabranchError) -> (nodes: [GraphNode], hasMore: Bool) {
    try withStore { (store) throws(StoreError) in
      try store.graph(limit: limit, of: device, since: since, within: vector, wall: surroundings.wall())
    }
  }

  /// How far each log is held by now, also where another process writes. O(logs) where something was written, else O(1).
  public func heldVector() throws(AnabranchError) -> VersionVector {
    try withStore { (store) throws(StoreError) in try store.consistently { () throws(StoreError) in store.vector } }
  }
}
