internal import AnabranchCore
internal import AnabranchStore
internal import Foundation

extension Replica {
  /// Puts in place of a damaged database a new one of what is sound in it: see ``AnabranchStore/Store/salvage(_:into:isSigned:progress:)``.
  ///
  /// The damaged one stays in the folder, under the name ``Repair/kept``: until something is purged where ``Salvage/isTakenOver``,
  /// else until all that can be read of it is here, or somebody removes it, for which purges wait. The new one is verified before it
  /// takes its place; where anything fails before, all is as it was. This device goes on in its log where all of that is sound, else in
  /// another one. `progress` is told how far it is. Throws ``AnabranchError/Code/locked`` where another process writes the replica,
  /// ``AnabranchError/Code/damaged`` where no log can be read, and what opening the device's key throws. O(history), and as much disk
  /// as the database takes.
  public static func repair(
    at home: Home, access: KeyAccess = .system, surroundings: Surroundings = .system,
    progress: @escaping @Sendable (_ done: UInt64, _ total: UInt64) -> Void = { _, _ in }
  ) async throws(AnabranchError) -> Repair {
    let replica = Replica(home: home, surroundings: surroundings)
    return try await replica.repair(access, progress)
  }

  /// Takes over from the damaged database at `file` all changes that go on from what is held here, and build on nothing else: what stands
  /// behind damage, once other devices have brought what was lost there. Returns how many. Throws, and takes nothing, where it
  /// cannot be read. O(history) where anything comes.
  public func takeOver(from file: String) throws(AnabranchError) -> UInt64 {
    let wall = surroundings.wall()
    return try withStore { (store) throws(StoreError) in
      try store.sealOpenChange(wall: wall)
      return try store.takeOver(from: file)
    }
  }

  /// The damaged databases that repairs kept beside this one and that have, or may have, what is not here: purges wait for them. By their
  /// paths. ``takeOver(from:)`` takes what fits; where that is all, or somebody removes the file, it is none of them any more.
  public func untakenFiles() throws(AnabranchError) -> [String] {
    try withStore { (store) throws(StoreError) in try store.untakenFiles() }
  }

  /// Whether the damaged database at `file` may go, once something was taken over from it; nil where it is none that a repair kept beside this replica.
  public func mayGo(_ file: String) throws(AnabranchError) -> Bool? {
    let (kept, own) = (
      URL(filePath: file).resolvingSymlinksInPath(), URL(filePath: home.database).resolvingSymlinksInPath()
    )
    guard Store.isKept(kept.lastPathComponent), kept.deletingLastPathComponent() == own.deletingLastPathComponent()
    else { return nil }
    return try !untakenFiles().contains { URL(filePath: $0).lastPathComponent == kept.lastPathComponent }
  }

  /// Where the new database is made.
  private var rebuilt: String { home.database + ".partial-repair" }

  private func repair(
    _ access: KeyAccess, _ progress: @escaping @Sendable (UInt64, UInt64) -> Void
  ) throws(AnabranchError) -> Repair {
    try home.check()
    try home.restrictFolder()
    let lock = try attempt { () throws(StoreError) in
      try WriterLock(at: home.lock, holder: "anabranch inspect check --repair")
    }
    Store.removeLeftovers(beside: home.database)
    let key = try DeviceKey.load(at: home.key, with: access)
    let (kept, rebuilt) = (keptName(), rebuilt)
    let salvage = try attempt { () throws(StoreError) in
      try Store.salvage(home.database, into: rebuilt, progress: progress)
    }
    let isCopy: Bool
    do throws(AnabranchError) {
      // As long as the damaged one is in its place. Where that is not the one that this device wrote last, but a copy that somebody put
      // back, it has another place, or another mark.
      isCopy = try isCopied(marked: markOfSound(rebuilt, key))
    } catch {
      Store.remove(at: rebuilt)
      throw error
    }
    let isNewLog = isCopy || !salvage.isOwnLogWhole
    try exchange(rebuilt, keeping: kept)
    do throws(AnabranchError) {
      let store = try attempt { () throws(StoreError) in try Store(at: home.database, access: .write) }
      hold(Holding(store: store, lock: lock, key: key))
      if !isNewLog { try markOrigin() }
      try goOn(asCopy: isNewLog)
      try recallItself(as: key.publicKey)
      if salvage.isTakenOver { try withStore { (store) throws(StoreError) in try store.noteTaken(kept) } }
    } catch {
      try? close()
      throw AnabranchError(
        error.code, "\(error.message); the repaired database is in its place, and the damaged one is \(kept)",
        remedy: error.remedy)
    }
    let hasPeers = try withStore { (store) throws(StoreError) in try !store.peers().isEmpty }
    let others = try? meetable().1.subtracting([key.publicKey])
    let repair = try Repair(
      salvage: salvage, losses: losses(of: salvage), names: names(), kept: kept,
      isAlone: hasPeers && (others?.isEmpty ?? false), hasPeers: hasPeers, isNewLog: isNewLog)
    try close()
    return repair
  }

  /// Has this device know its space and its name again by what was said of it, where its own notes of them are lost.
  private func recallItself(as device: Digest) throws(AnabranchError) {
    try withStore { (store) throws(StoreError) in
      let spaces = try store.spaces(enrolling: device)
      if !store.roster.knows(device), spaces.count == 1, let space = spaces.first {
        try store.enter(space, invitedBy: nil)
      }
      if try store.name().isEmpty, let name = try store.deviceName(device) { try store.setName(name) }
    }
  }

  /// The mark of the database that was made anew, which is that of the damaged one; throws where it is not sound, or `key` not that of the
  /// device which wrote it.
  private func markOfSound(_ database: String, _ key: DeviceKey) throws(AnabranchError) -> String? {
    let store = try attempt { () throws(StoreError) in try Store(at: database, access: .write, durability: .normal) }
    defer { try? store.close() }
    let found = try attempt { () throws(StoreError) in try store.verify(scratch: database + ".verify") }
    try checkKey(of: key.publicKey, in: store)
    guard let fault = found.messages.first else {
      return try attempt { () throws(StoreError) in try store.originMark() }
    }
    throw AnabranchError(
      .damaged, "what was made anew is not sound either (\(fault)); everything was left as it was",
      remedy: "check the disk; then restore a backup, or sync a new replica from another device")
  }

  /// A name beside the database that nothing has, with the time in it.
  private func keptName() -> String {
    let time = Date(timeIntervalSince1970: TimeInterval(surroundings.wall()) / 1000)
    let stamp = time.formatted(.iso8601.dateSeparator(.omitted).timeSeparator(.omitted))
    let name = "\(home.database)\(Store.keptMark)\(stamp)"
    let free = (1...).lazy.map { $0 == 1 ? name : "\(name)-\($0)" }.first {
      !FileManager.default.fileExists(atPath: $0)
    }
    return free ?? name
  }

  /// Puts the database at `rebuilt` in place of the one that is there, which goes by the name `kept` from now on, with its write-ahead
  /// log. An end in between leaves no database under its name and both under theirs, as ``Home/check()`` finds them.
  private func exchange(_ rebuilt: String, keeping kept: String) throws(AnabranchError) {
    let files = FileManager.default
    do {
      try? files.removeItem(atPath: home.database + "-shm")
      // A reader has SQLite make one that has nothing.
      let log = home.database + "-wal"
      if try files.fileExists(atPath: log) && files.attributesOfItem(atPath: log)[.size] as? UInt64 == 0 {
        try files.removeItem(atPath: log)
      }
      for suffix in ["", "-wal", "-journal"] where files.fileExists(atPath: home.database + suffix) {
        try files.moveItem(atPath: home.database + suffix, toPath: kept + suffix)
      }
      try files.moveItem(atPath: rebuilt, toPath: home.database)
    } catch {
      for suffix in ["-journal", "-wal", ""] where !files.fileExists(atPath: home.database + suffix) {
        try? files.moveItem(atPath: kept + suffix, toPath: home.database + suffix)
      }
      throw AnabranchError(StoreError(error, path: home.database))
    }
    try home.pressFolder()
  }

  private func losses(of salvage: Salvage) throws(AnabranchError) -> [Repair.Loss] {
    let known = try holders()
    return salvage.losses.map { loss in
      let (first, last) = (loss.changes.lowerBound, loss.changes.upperBound)
      let holders = known.devices.compactMap { device in
        known.last(of: loss.log, saidBy: device).flatMap { $0 < first ? nil : (name: device.name, last: min($0, last)) }
      }
      // Of its end: who has that has what comes before.
      let author = known.holdings(of: ChangeID(log: loss.log, sequence: last)).first { $0.device.device == loss.device }
      return Repair.Loss(
        loss: loss, holders: holders.sorted { ($1.last, $0.name) < ($0.last, $1.name) },
        author: author.map { (name: $0.device.name, holding: $0.holding, wasMet: $0.device.said != nil) })
    }
  }
}
