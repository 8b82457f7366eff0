internal import Anabranch
internal import AnabranchCore
internal import AnabranchStore
internal import AnabranchSync
internal import AnabranchWire
internal import SeededRandom

/// One run: real replicas with the real store, sync and core, on simulated machines, in one thread.
///
/// First everything goes wrong that the plan says, and what must always hold is checked after each call. Then it goes
/// right for most machines, and they must become equal within a bounded time. The same seed, options and plan give
/// the same run, byte for byte.
public final class Simulation {
  let drawn: Case
  let plan: Plan
  let scheduler = Scheduler()
  let network: Network
  let hosts: [Host]
  var ledger = Ledger()
  var trace: Trace
  /// The picture of the run, where one is drawn.
  var sketch: Sketch?
  var marks: Set<Mark> = []
  /// The lines of those who are connected and are no honest replicas, by the number of their fault.
  var callers: [Int: Caller] = [:]
  /// The device that has gone bad, if there is one.
  var traitor: Traitor?
  /// Imports that go on later.
  var imports: [RunningImport] = []
  /// The machines that took the same thing away, or went on with it.
  var touched: [String: Set<Int>] = [:]
  /// The bytes of every file that was ever attached.
  var files: [BlobID: [UInt8]] = [:]
  /// Whether somebody undid something, or took rights, so that not all that was written goes on to have effect.
  var hasUndone = false
  /// The machines whose rights were taken, and the spaces in which that was.
  var limited: Set<Int> = []
  var limitedSpaces: Set<Bytes16> = []
  /// The rights that were taken, from whomever.
  var cuts: [Cut] = []
  /// Whether the device that has gone bad was removed by somebody.
  var isTraitorRemoved = false
  /// The machine that was removed, if one was.
  var removed: Int?
  /// The change that took the rights.
  var restriction: ChangeID?
  /// Whether everything goes right from now on.
  var isHealed = false
  /// The machines that take part in the end: all but one that is lost at last, and one that was removed.
  var survivors: [Int]
  var events = 0

  var seed: UInt64 { drawn.seed }
  var options: Options { drawn.options }

  /// The run of a case; with `isTraced` every event is put into words, which `tell` gets at once, and with `isDrawn` there is a picture
  /// of it in the end.
  public convenience init(
    _ drawn: Case, isTraced: Bool = false, isDrawn: Bool = false, tell: (@Sendable (String) -> Void)? = nil
  ) {
    self.init(drawn, isTraced: isTraced, isDrawn: isDrawn, isStaged: false, tell: tell)
  }

  /// With `isStaged` somebody else says what happens when: there is no plan, and nothing goes wrong by itself.
  init(_ drawn: Case, isTraced: Bool, isDrawn: Bool, isStaged: Bool, tell: (@Sendable (String) -> Void)? = nil) {
    self.drawn = drawn
    sketch = isDrawn ? Sketch() : nil
    plan =
      isStaged
      ? Plan(hosts: drawn.options[.hosts], span: .zero) : drawn.plan
    let (count, scheduler) = (plan.hosts, scheduler)
    network = Network(hosts: count, seed: drawn.seed, options: drawn.options, scheduler)
    Disk.seedDatabase(drawn.seed)
    hosts = (0..<count).map { Host($0, seed: drawn.seed, scheduler) }
    trace = Trace(isKept: isTraced, tell: tell)
    survivors = (0..<count).filter { !drawn.withoutHosts.contains($0) }
    drawTopology()
  }

  /// How long after everything went right all must be equal: a silent peer is given up after 45 s, a dialler waits up
  /// to a minute, twice over, and then some.
  static let healing = VirtualTime.seconds(300)

  /// When a run leaves a bundle of each machine.
  public enum Bundling: Sendable {
    case never
    case whenItFails
    case always
  }

  /// Runs it. Takes seconds of real time at most.
  public func run(bundling: Bundling = .never) -> Outcome {
    var violation: Violation?
    do {
      setUp()
      try proceed(until: plan.span)
      try heal()
      try proceed(until: plan.span + Self.healing) { self.isSettled }
      try checkEnd()
    } catch let error as Violation {
      violation = error
    } catch {
      violation = Violation(.nothingWraps, "an error that nobody expects: \(error)")
    }
    let now = scheduler.now
    let isBundled = bundling == .always || bundling == .whenItFails && violation != nil
    let bundles = isBundled ? bundles(of: violation) : []
    tearDown()
    for host in hosts {
      trace.mix(host.disk.calls)
      trace.mix(host.committed.changes)
    }
    for change in ledger.changes { trace.mix(change.hash.bytes) }
    trace.mix(network.digest)
    if let violation {
      trace.note(now, violation.property.rawValue, as: "✘ \(violation)")
    }
    drawEnd(violation.map { "\($0)" })
    return Outcome(
      run: drawn, violation: violation, traceHash: trace.hash, lines: trace.lines,
      marks: hosts.reduce(marks.union(network.marks)) { $0.union($1.disk.marks) }, span: now,
      hostHours: Double(now.microseconds) / 3.6e9 * Double(hosts.count), changes: ledger.changes.count, events: events,
      bundles: bundles, picture: sketch?.picture)
  }

  /// Puts a line into the trace.
  func tell(_ line: String) {
    trace.note(scheduler.now, as: line)
  }

  /// Ends all processes: a replica and the machine it runs on know each other, and would stay for good.
  func tearDown() {
    for host in hosts {
      host.disk.endProcess()
      host.end()
    }
  }

  /// Who dials whom, and how wrong the clocks are.
  private func drawTopology() {
    var random = RandomStream(seed: seed, "topology")
    let present = survivors
    for host in hosts {
      // A ring keeps all connected, also without one of them; further ways make connections cross.
      let next = present.first { $0 > host.number } ?? present.first
      host.peers = next.map { $0 == host.number ? [] : [$0] } ?? []
      let further = random.number(in: 0...3 * hosts.count)
      if further < hosts.count, further != host.number, present.contains(further), !host.peers.contains(further) {
        host.peers.append(further)
      }
      host.clock.offsetMs = Int64(random.number(in: -30_000...30_000))
      let drift = options[.driftPpm]
      host.clock.driftPpm = Int64(random.number(in: -drift...drift))
    }
  }

  private func setUp() {
    var random = RandomStream(seed: seed, "lives")
    for host in hosts {
      let isLate = host.number >= options[.hosts]
      let time = isLate ? random.number(in: 0...Int(plan.span.microseconds)) : host.number * 1_000
      if survivors.contains(host.number) {
        scheduler.plan(.join(host: host.number), at: VirtualTime(microseconds: Int64(time)))
      }
    }
    let lost = random.number(in: 0...3 * hosts.count)
    if survivors.count >= 3, lost < hosts.count { survivors.removeAll { $0 == lost } }
    for (index, action) in plan.actions.enumerated() where !drawn.withoutActions.contains(index) {
      scheduler.plan(.act(index), at: action.time)
    }
    for (index, fault) in plan.faults.enumerated() where !drawn.withoutFaults.contains(index) {
      scheduler.plan(.fault(index), at: fault.time)
    }
  }

  /// Takes events until `end`, or until `isDone`.
  func proceed(until end: VirtualTime, _ isDone: () -> Bool = { false }) throws {
    while !isDone(), let event = scheduler.next(until: end) {
      events += 1
      guard events < Self.eventsMax else {
        throw Violation(.convergence, "\(events) events, and no end: something goes round in circles")
      }
      try take(event)
    }
  }

  /// Many times what any run takes.
  private static let eventsMax = 3_000_000

  private func take(_ event: Event) throws {
    switch event {
    case .act(let index): try act(plan.actions[index], index)
    case .fault(let index): try strike(plan.faults[index], index)
    case .recover(let index): try recover(plan.faults[index], index)
    case .outage(let index, let isDown): setDown(isDown, plan.faults[index], index)
    case .doze(let host): doze(hosts[host])
    case .rouse(let host): rouse(hosts[host])
    case .join(let host): try join(hosts[host])
    case .start(let host): try start(hosts[host])
    case .alarm(let host, let life): try ring(hosts[host], life)
    case .housekeeping(let host, let life): try keepHouse(hosts[host], life)
    case .importStep(let host, let life, let number): try stepImport(number, on: hosts[host], life)
    case .dial(let host, let life, let peer, let isOnce): dial(hosts[host], life, hosts[peer], isOnce)
    case .dialled(let host, let life, let peer, let isOnce): try dialled(hosts[host], life, hosts[peer], isOnce)
    case .arrival(let connection, let end): try arrive(connection, end)
    case .ended(let connection, let end): try sessionEnded(connection, end)
    }
  }
}

// MARK: Calls

/// A call that did not come to its end, because the process did, or whose end says nothing.
struct ProcessEnded: Error, CustomStringConvertible {
  var description = "a program that does not run was asked for something, or ended while it was"
}

extension Simulation {
  /// Has the replica on `host` do something, and looks at what it holds afterwards.
  ///
  /// Throws what the replica threw, which has to be explained by a failure of the disk unless it is `expected`, ``ProcessEnded`` where the process ended meanwhile, or a ``Violation``.
  func call<Result: Sendable>(
    _ host: Host, expecting expected: [AnabranchError.Code] = [], _ body: (isolated Replica) throws -> Result
  ) throws -> Result {
    guard let process = host.process else { throw ProcessEnded() }
    Disk.setTime(host.wall)
    let failures = host.disk.failures
    let result = Swift.Result { try process.replica.assumeIsolated(body) }
    host.noteWritten()
    if host.disk.hasCrashed {
      crashed(host)
      throw ProcessEnded()
    }
    noteLies(host)
    if host.isSuspect {
      // What comes of it says nothing, as long as it is an error or a result.
      ledger.note(wall: host.wall, of: host.number)
      if process.store.hasFailed { stop(host, .kill, restartAfter: .seconds(5)) }
      guard case .success(let value) = result else { throw ProcessEnded() }
      return value
    }
    let hasFailed = host.disk.failures > failures
    if process.store.hasFailed {
      guard hasFailed else { throw Violation(.corruptionIsDetected, "\(host.name) gave up a disk that works") }
      // The disk failed: the program ends with an error, and somebody starts it again. Only then is it looked at.
      stop(host, .kill, restartAfter: .seconds(5))
      throw ProcessEnded()
    }
    if case .failure(let error as AnabranchError) = result, !expected.contains(error.code) {
      try judge(error, hasFailed: hasFailed, of: host)
    }
    try host.disk.spared { try ledger.observe(host, process.store) }
    drawChanges()
    try checkWords(of: host, process)
    trace.mix(host.disk.calls)
    return try result.get()
  }
}
