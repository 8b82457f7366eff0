internal import Anabranch
internal import AnabranchCore
internal import AnabranchStore
internal import SeededRandom

/// Machines whose disks alter what they hold, or that are lost, and what people do about it.
extension Simulation {
  /// What is found in a database on a disk that was bad, or that lied.
  private enum Finding {
    case damage
    /// Nothing contradicts itself, and whole commits are gone. The note beside the database tells not to go on in `closedLog`.
    case older(VersionVector, closedLog: LogID?)
    case sound
  }

  /// Somebody verifies a machine's database, and repairs it, or replaces the machine, where something is wrong with it.
  ///
  /// A database that is found sound has to be all that it was: from then on everything is expected of it again. One that is sound and
  /// older is used by those who do not know, and nothing may come of that but another log, or a fork.
  func examine(_ host: Host) throws {
    guard host.isSuspect else { return }
    if host.process != nil { stop(host, .kill, restartAfter: .hours(1_000_000), isTold: false) }
    host.disk.endProcess()
    if host.disk.misreads {
      // Anything may come of it, but a result or an error.
      _ = soundStore(of: host)
      host.disk.endProcess()
    }
    host.disk.setRates(nil)
    let finding = try host.disk.spared { try whatIsLeft(on: host) }
    host.disk.endProcess()
    var random = RandomStream(seed: seed, "examined by life \(host.lives)", host.number)
    switch finding {
    case .damage:
      marks.insert(.damageFound)
      guard random.chance(1, in: 2), let (vector, log) = host.disk.spared({ repair(host) }) else {
        return try replace(host)
      }
      marks.insert(.repaired)
      tell(of: host, "is repaired", .relief)
      ledger.forget(textsOf: host.number)
      host.goOn(holding: vector, closedLog: log)
    case .older(let vector, let closedLog):
      marks.insert(.setBack)
      guard random.chance(1, in: 2) else { return try replace(host) }
      tell(of: host, "goes on with what is left", .relief)
      ledger.forget(textsOf: host.number)
      if closedLog == nil {
        marks.insert(.wentOn)
        ledger.noteFork()
      }
      host.goOn(holding: vector, closedLog: closedLog)
    case .sound:
      marks.insert(.damageHarmless)
      tell(of: host, "is found sound", .relief)
      // Text that is not sealed has no number whose lack would show that a disk has lied about it.
      if host.wasLiedTo { ledger.forget(textsOf: host.number) }
    }
    (host.isSuspect, host.wasLiedTo) = (false, false)
    try start(host)
  }

  /// What became of a database on a disk that was bad, and reads well by now.
  private func whatIsLeft(on host: Host) throws -> Finding {
    guard let store = soundStore(of: host) else { return .damage }
    // Where a log has forked, what a change is called proves nothing.
    guard !ledger.hasFork, [host.committed, host.promised, host.written].allSatisfy(store.vector.includes) else {
      let isTold = try store.originMark() != host.note.origin?.mark
      return .older(store.vector, closedLog: isTold ? store.ownLog : nil)
    }
    // A call that was cut short may have written what nobody has seen yet.
    try ledger.observe(host, store)
    try ledger.checkAll(host, store)
    return .sound
  }

  /// A database in which nothing is found wrong; nil where something is.
  private func soundStore(of host: Host) -> Store? {
    let scratch = Disk(Self.scratchDisk, seed: seed)
    guard let store = try? Store(at: host.disk.path(Host.database)),
      let found = try? store.verify(scratch: scratch.path("scratch"))
    else { return nil }
    trace.note(scheduler.now, host.number, as: "  verified: \(found.messages.first ?? "sound")")
    guard found.isSound else { return nil }
    // Nothing verifies the search's index; it is filled again.
    guard (try? store.dropIndex()) != nil else { return nil }
    return store
  }

  /// Puts what is sound of a database in its place. Returns what that is, and the log in which the machine must not go on; nil, and changes
  /// nothing, where nothing can be read, or the machine would know nobody any more.
  private func repair(_ host: Host) -> (VersionVector, LogID?)? {
    let (damaged, repaired) = (host.disk.path(Host.database), host.disk.path(Host.repairedFile))
    defer { for suffix in ["", "-wal", "-shm", "-journal"] { host.disk.removeFile(Host.repairedFile + suffix) } }
    let scratch = Disk(Self.scratchDisk, seed: seed)
    guard (try? Store.salvage(damaged, into: repaired)) != nil, let store = try? Store(at: repaired),
      let found = try? store.verify(scratch: scratch.path("scratch")), found.isSound, let log = store.ownLog,
      let former = try? store.formerRoster(), store.roster.members.count > 1 || !former.members.isEmpty,
      // The note beside the database is not that of this one.
      (try? store.setOriginMark("repaired")) != nil
    else { return nil }
    // What a call wrote that was cut short nobody has seen yet: it is looked at when the machine starts.
    let vector = VersionVector(store.vector.entries.map { ($0.log, min($0.sequence, host.committed[$0.log])) })
    guard (try? store.close()) != nil else { return nil }
    host.becomeRepaired()
    return (vector, log)
  }

  /// Another machine in the place of one that cannot be used any more. What nobody else had is lost.
  private func replace(_ host: Host) throws {
    tell(of: host, "is replaced by an empty machine", .fault)
    ledger.forget(textsOf: host.number)
    host.becomeNew()
    try start(host, isNew: true)
  }

  /// A machine is lost; its last backup is restored after `span`, or there is none, and a new one begins empty.
  func lose(_ host: Host, for span: VirtualTime) throws {
    guard host.lives > 0 else { return }
    if host.process != nil { stop(host, .kill, restartAfter: span, isTold: false) }
    host.disk.endProcess()
    guard let backup = host.backup else {
      marks.insert(.lostWithout)
      return try replace(host)
    }
    marks.insert(.restored)
    tell(of: host, "gets its backup back", .relief)
    ledger.forget(textsOf: host.number, except: backup.texts)
    host.becomeBackup(backup)
    host.isSuspect = false
    let isWhole = try host.disk.spared {
      guard let store = soundStore(of: host), ledger.hasFork || store.vector == backup.vector else { return false }
      if ledger.hasFork { return true }
      try ledger.checkAll(host, store)
      return true
    }
    guard isWhole else {
      throw Violation(.acknowledgedSurvives, "the backup of \(host.name) is not what was backed up")
    }
    host.disk.endProcess()
    scheduler.plan(.start(host: host.number), after: span)
  }

  /// A machine is set back to what its snapshot holds, whole or only its database: what it wrote since others may have. In the one
  /// case it writes the same numbers again, in the other the note beside the database tells that it must not.
  func setBack(_ host: Host, isWhole: Bool, for span: VirtualTime) {
    guard let snapshot = host.snapshot, snapshot.era == host.era, !host.isSuspect else { return }
    if host.process != nil { stop(host, .kill, restartAfter: span, isTold: false) }
    host.disk.endProcess()
    // A database from which nothing was started since has the mark that the note has.
    let isWhole = isWhole || snapshot.note.origin == host.note.origin
    marks.insert(isWhole ? .machineSetBack : .databaseSetBack)
    tell(of: host, isWhole ? "is set back" : "has an older database", .fault)
    ledger.forget(textsOf: host.number, except: snapshot.texts)
    if isWhole { ledger.noteFork() }
    host.becomeSnapshot(snapshot, isWhole: isWhole)
  }

  /// What a backup of a machine's database is, made now and kept by nobody; nil where its program does not run.
  func database(of host: Host) throws -> [UInt8]? {
    guard let store = host.process?.store else { return nil }
    let copy = Host.backupFile + ".handed-over"
    let path = host.disk.path(copy)
    nonisolated(unsafe) let source = store
    host.disk.removeFile(copy)
    try call(host) { _ in try source.writeCopy(to: path) }
    defer { host.disk.removeFile(copy) }
    return host.disk.bytes(of: copy)
  }

  /// A person makes a backup, in place of the one before.
  func backUp(_ host: Host) throws {
    guard let store = host.process?.store else { return }
    let partial = Host.backupFile + ".partial"
    let path = host.disk.path(partial)
    nonisolated(unsafe) let source = store
    let failures = host.disk.failures
    host.disk.removeFile(partial)
    do {
      try call(host) { _ in try source.writeCopy(to: path) }
    } catch {
      host.disk.removeFile(partial)
      guard error is StoreError else { throw error }
      return try judge(openingFailure: error, of: host, hasFailed: host.disk.failures > failures)
    }
    host.disk.copyFile(partial, to: Host.backupFile)
    host.disk.removeFile(partial)
    // Text that is not sealed is in no backup. What a device wrote that nobody let in counts on that device alone, and another one
    // may come in its place.
    let isMember = store.space == nil || role(of: host).map { $0 >= .writer } ?? false
    host.backup = Host.Backup(
      vector: store.vector,
      texts: store.hasOpenChange || !isMember ? [:] : ledger.texts(writtenBy: host.number))
    marks.insert(.backedUp)
    draw("\(host.name) is backed up", on: host)
  }
}
