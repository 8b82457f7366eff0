public import AnabranchCore
internal import AnabranchStore
internal import AnabranchWire
internal import Foundation

/// Who this replica is, what it holds, and who else holds it.
public struct ReplicaStatus: Hashable, Sendable {
  /// The log it writes.
  public var log: LogID
  /// Its device's public key.
  public var device: Digest
  /// What its person calls it.
  public var name: String
  /// The fingerprint of what the history amounts to: equal wherever the same changes are held.
  public var stateHash: Digest
  /// The fingerprint of the logs themselves.
  public var logHash: Digest
  /// How far each log is held.
  public var vector: VersionVector
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
  /// The replicas it has met.
  public var peers: [PeerStatus]
  /// Changes that no other device is known to hold.
  public var onlyHere: UInt64
  /// Changes that the search's index does not cover yet; they are searched more slowly.
  public var unindexed: UInt64
  /// Operations that are held and have no effect: those that their devices may not do, or not any more, and that nothing
  /// rests on.
  public var uncounted: Int
  /// Changes that are held and not passed on: no signature of their authors came with them that reaches so far.
  public var unproved: UInt64
  /// Where logs have forked, by where the branches go on from, in ascending order.
  public var forks: [ForkStatus]
  /// Whether no device writes this database: it is a backup.
  public var isNobodys: Bool { log == Self.noLog }
  static let noLog = LogID(Bytes16(high: 0, low: 0))
  /// What repairs could not keep, is not here, and may come: from a kept file, or from another device that may have it. What nobody has any
  /// more, as far as all have said since, is counted by ``Replica/check(at:surroundings:progress:)`` alone.
  public var unkept: [UnkeptStretch]
}

/// A log that two databases wrote at once: one was copied by hand, or put back with all that tells a copy, or a device lies.
public struct ForkStatus: Hashable, Sendable {
  /// The last change that the branches have in common.
  public var last: ChangeID
  /// The device whose log it is; nil where that is not known.
  public var device: Digest?
  /// The logs that go on from there.
  public var branches: [LogID]
}

/// What is known of another replica.
public struct PeerStatus: Hashable, Sendable {
  /// What it said of itself.
  public var record: PeerRecord
  /// Changes held here that it is not known to hold.
  public var lacks: UInt64
  /// Whether it was removed, by what is here or by what was lost, so that nothing is sent to it.
  public var isKeptOut: Bool
}

extension Replica {
  /// Who this replica is, what it holds, and who else holds it. O(conversations).
  public func status() throws(AnabranchError) -> ReplicaStatus {
    try withStore { (store) throws(StoreError) in try store.consistently { () throws(StoreError) in try status(store) }
    }
  }

  private func status(_ store: Store) throws(StoreError) -> ReplicaStatus {
    let (totals, keptOut) = (try store.totals(), try store.keptOut())
    let vector = store.vector
    let log = store.ownLog ?? ReplicaStatus.noLog
    return ReplicaStatus(
      log: log, device: store.device(of: log) ?? .zero, name: try store.name(), stateHash: try store.stateHash(),
      logHash: store.logHash,
      vector: vector, conversations: totals.conversations, trashed: totals.trashed, messages: totals.messages,
      diverged: totals.diverged, conflicts: totals.conflicts,
      peers: try store.peers().map { peer in
        PeerStatus(
          record: peer, lacks: vector.changes(missingFrom: peer.vector), isKeptOut: keptOut.contains(peer.device))
      }, onlyHere: try store.changesOnlyHere(), unindexed: try store.unindexed(),
      uncounted: try store.uncounted().values.reduce(0, +),
      unproved: store.unproved, forks: forks(in: store), unkept: try store.unkeptChanges())
  }

  private func forks(in store: Store) -> [ForkStatus] {
    store.heads.compactMap { log, _, head in
      let branches = store.branches.branches(after: log)
      guard branches.count > 1 else { return nil }
      return ForkStatus(
        last: ChangeID(log: log, sequence: head.sequence), device: store.device(of: log), branches: branches)
    }
  }

  /// What people call the devices that write the logs, as far as this replica has met them.
  public func names() throws(AnabranchError) -> [LogID: String] {
    try withStore { (store) throws(StoreError) in try Self.names(in: store) }
  }

  static func names(in store: Store) throws(StoreError) -> [LogID: String] {
    let byDevice = try deviceNames(store)
    let named = store.heads.compactMap { log, _, _ in
      store.device(of: log).flatMap { byDevice[$0] }.map { (log, $0) }
    }
    return Dictionary(named) { first, _ in first }
  }

  /// Signs what this device has written in the last moment and not signed yet, and for two seconds whatever it writes at once, so that a
  /// copy of the database that begins then can be passed on without its key. Otherwise that happens soon after each write, and
  /// when the replica is closed.
  public func sign() throws(AnabranchError) {
    signing.hurry(now: surroundings.uptime())
    try withStore { (store) throws(StoreError) in try store.sign() }
  }

  /// Whether there is something of that kind; also told by a replica that is open for reading.
  public func isUnsigned() throws(AnabranchError) -> Bool {
    try withStore { (store) throws(StoreError) in store.ownLog.map { store.ownSigned < store.vector[$0] } ?? false }
  }

  /// Writes a consistent copy of the history to a new file, without the device's key, also while others use it.
  ///
  /// Throws ``AnabranchError/Code/damaged``, and leaves no file, where the copy is not sound. O(history).
  public func backUp(to file: String) throws(AnabranchError) {
    try withStore { (store) throws(StoreError) in try store.backUp(to: file) }
  }

  /// Makes a replica called `name` in a new home from a file that ``backUp(to:)`` wrote.
  ///
  /// It is a device of its own and opens a log of its own: going on under the numbers of the one that was backed up
  /// would make two histories that claim to be one. All of it is verified before; throws
  /// ``AnabranchError/Code/damaged``, and leaves no home, where something is wrong. `progress` is told how many changes
  /// of how many are verified. O(history).
  public static func restore(
    from file: String, to home: Home, name: String, access: KeyAccess = .system, surroundings: Surroundings = .system,
    progress: @escaping @Sendable (_ done: UInt64, _ total: UInt64) -> Void = { _, _ in }
  ) async throws(AnabranchError) -> Replica {
    try await create(
      at: home, name: name, copying: Backup(file: file, progress: progress), access: access, surroundings: surroundings)
  }
}
