internal import Anabranch
internal import AnabranchCore
internal import AnabranchStore

/// Machines whose disks alter what they hold, or that are lost, and what people do about it.
extension Simulation {
  /// Somebody verifies a machine's database, and replaces the machine where something is wrong with it.
  ///
  /// A database that is found sound has to be all that it was: from then on everything is expected of it again.
  func examine(_ host: Host) throws {
    guard host.isSuspect else { return }
    if host.process != nil { stop(host, .kill, restartAfter: .hours(1_000_000)) }
    host.disk.endProcess()
    if host.disk.misreads {
      // Anything may come of it, but a result or an error.
      _ = soundStore(of: host)
      host.disk.endProcess()
    }
    host.disk.setRates(nil)
    let mark = try host.disk.spared { try whatIsLeft(on: host) }
    host.disk.endProcess()
    marks.insert(mark)
    guard mark == .damageHarmless else { return try replace(host) }
    trace.note(scheduler.now, host.number, as: "\(host.name) is found sound")
    host.isSuspect = false
    // Text that is not sealed has no number whose lack would show that a disk has lied about it.
    if host.wasLiedTo { ledger.forget(textsOf: host.number) }
    host.wasLiedTo = false
    try start(host)
  }

  /// What became of a database on a disk that was bad, and reads well by now.
  private func whatIsLeft(on host: Host) throws -> Mark {
    guard let store = soundStore(of: host) else { return .damageFound }
    // Whole commits are gone, and nothing contradicts itself: only a note outside of the database could tell. One of
    // them may have reached others before anybody looked.
    // Where a log has forked, what a change is called proves nothing.
    guard !ledger.hasFork else { return .damageFound }
    guard [host.committed, host.promised, host.written].allSatisfy(store.vector.includes) else { return .setBack }
    // A call that was cut short may have written what nobody has seen yet.
    try ledger.observe(host, store)
    try ledger.checkAll(host, store)
    return .damageHarmless
  }

  /// A database in which nothing is found wrong; nil where something is.
  private func soundStore(of host: Host) -> Store? {
    let scratch = Disk(Self.scratchDisk, seed: seed)
    guard let store = try? Store(at: host.disk.path(Host.database)),
      let found = try? store.verify(scratch: scratch.path("scratch"))
    else { return nil }
    trace.note(scheduler.now, host.number, as: "  verified: \(found.faults.first ?? "sound")")
    guard found.isSound else { return nil }
    // Nothing verifies the search's index; it is filled again.
    guard (try? store.dropIndex()) != nil else { return nil }
    return store
  }

  /// Another machine in the place of one that cannot be used any more. What nobody else had is lost.
  private func replace(_ host: Host) throws {
    trace.note(scheduler.now, host.number, as: "\(host.name) is replaced")
    ledger.forget(textsOf: host.number)
    host.becomeNew()
    try start(host, isNew: true)
  }

  /// A machine is lost; its last backup is restored after `span`, or there is none, and a new one begins empty.
  func lose(_ host: Host, for span: VirtualTime) throws {
    guard host.lives > 0 else { return }
    if host.process != nil { stop(host, .kill, restartAfter: span) }
    host.disk.endProcess()
    guard let backup = host.backup else {
      marks.insert(.lostWithout)
      return try replace(host)
    }
    marks.insert(.restored)
    trace.note(scheduler.now, host.number, as: "\(host.name) gets its backup back")
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

  /// A machine is set back whole, to what its snapshot holds: what it wrote since others may have, and it writes the same numbers again.
  func setBack(_ host: Host, for span: VirtualTime) {
    guard let snapshot = host.snapshot, snapshot.era == host.era, !host.isSuspect else { return }
    if host.process != nil { stop(host, .kill, restartAfter: span) }
    host.disk.endProcess()
    marks.insert(.machineSetBack)
    trace.note(scheduler.now, host.number, as: "\(host.name) is set back")
    ledger.forget(textsOf: host.number, except: snapshot.texts)
    ledger.noteFork()
    host.becomeSnapshot(snapshot)
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
  }
}
