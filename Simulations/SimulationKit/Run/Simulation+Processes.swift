internal import Anabranch
internal import AnabranchCore
internal import AnabranchStore
internal import AnabranchSync

/// Programs that start and end.
extension Simulation {
  /// A device that was not there before.
  func join(_ host: Host) throws {
    if !ledger.changes.isEmpty { marks.insert(.joined) }
    sketch?.begin(host.number, host.name)
    trace.note(scheduler.now, host.number, as: "\(host.name) joins")
    if !ledger.changes.isEmpty { draw("\(host.name) joins", on: host) }
    try start(host, isNew: true)
  }

  /// Somebody starts the program, and again later where that fails.
  func start(_ host: Host, isNew: Bool = false) throws {
    guard host.process == nil, isNew || host.lives > 0, !isHealed || survivors.contains(host.number) else { return }
    host.isOff = false
    noteLies(host)
    if host.isSuspect { return try examine(host) }
    let failures = host.disk.failures
    do {
      // Making a replica is an act of its own, done under another name and again from the start if it fails.
      if isNew {
        try host.disk.spared { try host.start() }
      } else {
        host.disk.setRates(isHealed ? nil : options)
        try host.start()
      }
    } catch {
      let hasCrashed = host.disk.hasCrashed
      if hasCrashed { marks.insert(.crashedAtStart) }
      trace.note(scheduler.now, host.number, as: "\(host.name) does not start: \(error)")
      if host.disk.hasCrashed, host.losesPower { host.losePower() } else { host.disk.endProcess() }
      noteLies(host)
      if !host.isSuspect {
        try judge(openingFailure: error, of: host, hasFailed: host.disk.failures > failures || hasCrashed)
      }
      scheduler.plan(.start(host: host.number), after: .seconds(10))
      return
    }
    if host.disk.hasCrashed {
      marks.insert(.crashedAtStart)
      return crashed(host)
    }
    guard let process = host.process else { return }
    if process.store.hasFailed { return stop(host, .kill, restartAfter: .seconds(5)) }
    host.disk.setRates(isHealed ? nil : options)
    trace.note(scheduler.now, host.number, process.life, as: "\(host.name) starts, life \(process.life)")
    sketch?.remove(.ended, from: host.number)
    if let closed = host.closedLog, process.store.ownLog == closed {
      throw Violation(
        .numbersAreNotReused, "\(host.name) goes on in \(closed), of which its database is an older state")
    }
    if host.hadOpenText { marks.insert(.openTextSurvived) }
    if process.replica.assumeIsolated({ $0.isCopy }) { marks.insert(.foundCopied) }
    host.hadOpenText = false
    use(host)
    try host.disk.spared { try checkNothingLost(host, process.store) }
    scheduler.plan(.housekeeping(host: host.number, life: process.life), after: .seconds(30))
    for peer in host.peers {
      host.backoffs[peer] = Backoff()
      scheduler.plan(
        .dial(host: host.number, life: process.life, peer: peer, isOnce: false), after: .milliseconds(10))
    }
  }

  /// Takes note of a disk that lost more than it may, since it lied.
  func noteLies(_ host: Host) {
    guard host.disk.liesLost > host.liesKnown else { return }
    host.liesKnown = host.disk.liesLost
    (host.isSuspect, host.wasLiedTo) = (true, true)
  }

  /// What was acknowledged before the process ended is there again.
  private func checkNothingLost(_ host: Host, _ store: Store) throws {
    var expected = host.committed
    expected.merge(host.promised)
    guard !ledger.hasFork else { return try ledger.observe(host, store) }
    guard store.vector.includes(expected) else {
      let lost = expected.entries.filter { store.vector[$0.log] < $0.sequence }
      throw Violation(
        .acknowledgementIsDurable,
        "\(host.name) comes back without \(lost.map { "\($0.log)@\($0.sequence)" })")
    }
    try ledger.observe(host, store)
    try checkTexts(of: host, store, writtenOn: isLeftOut(host) ? [] : [host.number])
  }

  /// Opening a database, and copying it, may fail by a disk that fails, and by nothing else.
  func judge(openingFailure error: any Error, of host: Host, hasFailed: Bool) throws {
    let isOfTheDisk =
      switch error {
      case let error as StoreError: [.io, .busy, .diskFull].contains(error.code)
      case let error as AnabranchError: [.io, .locked, .diskFull].contains(error.code)
      default: false
      }
    guard hasFailed, isOfTheDisk else {
      throw Violation(.corruptionIsDetected, "\(host.name) cannot open its database, or a copy: \(error)")
    }
  }

  /// How a process ends without meaning to.
  enum Ending {
    case kill, crash, power

    fileprivate var words: String {
      switch self {
      case .kill: "is killed"
      case .crash: "crashes in the midst of a write"
      case .power: "loses its power"
      }
    }
  }

  /// Ends a process whose disk took no more: it crashed, or the power failed.
  func crashed(_ host: Host) {
    marks.insert(host.losesPower ? .powerLostInCall : .crashedInCall)
    stop(host, host.losesPower ? .power : .crash, restartAfter: .seconds(2))
  }

  /// Ends a process. The machine's other side hears of it, except where the power is gone. What ends it is drawn already, unless `isTold`.
  func stop(_ host: Host, _ ending: Ending, restartAfter span: VirtualTime, isTold: Bool = true) {
    guard let process = host.process else {
      // What a process left in the system's cache can still be lost.
      if ending == .power, host.lives > 0 { host.losePower() }
      return
    }
    trace.note(scheduler.now, host.number, as: "\(host.name): \(ending)")
    if isTold { draw("\(host.name) \(ending.words)", on: host, .fault) }
    sketch?.add(.ended, to: host.number)
    for (connection, end) in network.ends(of: host.number, life: process.life) {
      network.drop(connection, end: end, isSilent: ending == .power)
    }
    // First, so that what is torn down here cannot close its database in good order.
    if ending == .power { host.losePower() } else { host.disk.endProcess() }
    host.end()
    scheduler.plan(.start(host: host.number), after: span)
  }

  /// A replica's alarm rings; on a machine that sleeps, once it wakes.
  func ring(_ host: Host, _ life: Int) throws {
    guard let process = host.process, process.life == life else { return }
    guard host.isAwake else { return host.missed.append(.alarm(host: host.number, life: life)) }
    process.bell.rang()
    try ignoringFailures { try call(host) { $0.wake() } }
  }

  /// An import goes on, once the machine is awake.
  func stepImport(_ number: Int, on host: Host, _ life: Int) throws {
    guard let process = host.process, process.life == life, !host.isSuspect else { return }
    guard host.isAwake else {
      return host.missed.append(.importStep(host: host.number, life: life, number: number))
    }
    try ignoringFailures { try goOn(with: imports[number], host) }
  }

  /// Indexes, now and then.
  func keepHouse(_ host: Host, _ life: Int) throws {
    guard let process = host.process, process.life == life else { return }
    guard host.isAwake else { return host.missed.append(.housekeeping(host: host.number, life: life)) }
    scheduler.plan(.housekeeping(host: host.number, life: life), after: .seconds(30))
    try checkBounds(of: host)
    // The system writes back now and then what nobody has synced.
    if host.number % 2 == 0 { host.writeBack() }
    let isBehind = !marks.contains(.indexed) && host.disk.spared { (try? process.store.unindexed()) ?? 0 > 0 }
    try ignoringFailures {
      _ = try call(host) { try $0.indexStep(limit: 200) }
      if isBehind { marks.insert(.indexed) }
      // Often not all of it at once: other things come between. A machine that acts up writes no receipts.
      for _ in 0..<(host.isSuspect ? 0 : 6) { _ = try call(host) { try $0.eraseStep() } }
      // Small histories would never leave the write-ahead log.
      if host.number % 3 == life % 3 { try call(host) { try $0.checkpoint() } }
    }
  }

  /// Runs `body`, whose failures a person would see and try again; ``call(_:_:)`` has judged them.
  func ignoringFailures(_ body: () throws -> Void) throws {
    do {
      try body()
    } catch is AnabranchError {
    } catch is ProcessEnded {
    }
  }

  /// A call may fail where the disk failed in it, and a session may break off; nothing else explains a failure.
  func judge(_ error: AnabranchError, hasFailed: Bool, of host: Host) throws {
    trace.note(
      scheduler.now, host.number, as: "  \(host.name) is told: \(error.code.rawValue), \(error.message)")
    switch error.code {
    case .io, .diskFull, .locked:
      guard hasFailed else {
        throw Violation(.corruptionIsDetected, "\(host.name): “\(error.message)”, and its disk did not fail")
      }
      marks.insert(.writeRefused)
    case .unreachable, .protocolViolation: break
    case .denied where isLeftOut(host): marks.insert(.denied)
    // What a branch made is called something else, once it is known for one.
    case .notFound where ledger.hasFork: break
    default: throw Violation(.corruptionIsDetected, "\(host.name): \(error.code.rawValue), \(error.message)")
    }
  }
}
