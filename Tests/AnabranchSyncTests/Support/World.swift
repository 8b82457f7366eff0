import AnabranchCore
import AnabranchFakes
import AnabranchSync
import AnabranchWire
import SeededRandom

/// Replicas and connections in memory, on one thread; a generator decides what happens next.
struct World {
  /// One side of a connection.
  struct End {
    let replica: Int
    let mode: SyncSession.Mode
    var session: SyncSession
    /// Bytes on their way to it.
    var incoming: [UInt8] = []
    /// What the session asked its host for and has not been given.
    var requests: [SyncSession.Effect] = []
    /// Commits of the replica it was not told of yet.
    var notices: [VersionVector] = []
    var watch = WireWatch()
    var timer: Duration?
    var reports: [SyncReport] = []
    var peerHas = VersionVector()
    var effects = 0
    /// What the other side held when they met.
    let greeted: VersionVector
    /// What was held here when the session said that both had caught up.
    var heldWhenCaughtUp: VersionVector?
    var ending: SyncEnding?
    var isCut = false
  }

  private(set) var generator: RandomStream
  private(set) var replicas: [FakeReplica] = []
  /// What each of them knows of what others are writing, and all that was news to it.
  private(set) var boards: [WordsBoard] = []
  private(set) var news: [[Words]] = []
  private var counter: UInt64 = 0
  /// Ends 2n and 2n + 1 are the two sides of connection n.
  private(set) var ends: [End] = []
  private(set) var now: Duration = .zero
  /// The most bytes delivered at once; 1 drips.
  var fragmentMax: Int
  /// Ends of connections that are cut when that end's session has that many effects.
  var cutAfter: (end: Int, effects: Int)?

  init(seed: UInt64, fragmentMax: Int = 4096) {
    generator = RandomStream(seed: seed)
    self.fragmentMax = fragmentMax
  }

  mutating func add(_ replica: FakeReplica) -> Int {
    replicas.append(replica)
    boards.append(WordsBoard())
    news.append([])
    return replicas.count - 1
  }

  /// Connects `a` and `b`; returns the first of the two ends.
  @discardableResult
  mutating func connect(
    _ a: Int, _ b: Int, _ modeA: SyncSession.Mode = .live, _ modeB: SyncSession.Mode = .live
  ) -> Int {
    let first = ends.count
    for (replica, peer, mode) in [(a, b, modeA), (b, a, modeB)] {
      let session = SyncSession(local: replicas[replica].local, mode: mode)
      ends.append(End(replica: replica, mode: mode, session: session, greeted: replicas[peer].vector))
    }
    for (end, peer) in [(first, b), (first + 1, a)] { tell(end, .started(peer: replicas[peer].local.device)) }
    return first
  }

  /// The bytes in flight are lost, and both sides notice.
  mutating func cut(_ end: Int) {
    for side in [end, end ^ 1] {
      ends[side].incoming = []
      ends[side].isCut = true
      tell(side, .peerClosed)
    }
  }

  mutating func write(_ replica: Int, bytes: Int = 20) {
    grew(replica, by: replicas[replica].write(bytes: bytes), except: nil)
  }

  private mutating func grew(_ replica: Int, by vector: VersionVector, except: Int?) {
    for end in ends.indices where ends[end].replica == replica && end != except && ends[end].ending == nil {
      ends[end].notices.append(vector)
    }
  }

  // MARK: Events and effects

  mutating func tell(_ end: Int, _ event: SyncSession.Event) {
    for effect in ends[end].session.handle(event, now: now) {
      ends[end].effects += 1
      perform(effect, of: end)
      if let cutAfter, cutAfter.end == end, cutAfter.effects == ends[end].effects {
        self.cutAfter = nil
        return cut(end)
      }
    }
  }

  private mutating func perform(_ effect: SyncSession.Effect, of end: Int) {
    switch effect {
    case .send(let bytes):
      ends[end].watch.take(bytes, from: replicas[ends[end].replica], peer: ends[end ^ 1].watch)
      if !ends[end].isCut { ends[end ^ 1].incoming += bytes }
    case .blob(.keep(let outline)): _ = replicas[ends[end].replica].answer(.keep(outline))
    case .blob(.release(let blob)): released(blob, by: end)
    case .read, .apply, .compare, .search, .blob: ends[end].requests.append(effect)
    case .peerHas(let vector): ends[end].peerHas.merge(vector)
    case .setTimer(let at): ends[end].timer = at
    case .report(let report):
      ends[end].reports.append(report)
      if report == .caughtUp { ends[end].heldWhenCaughtUp = replicas[ends[end].replica].vector }
    case .words(let words): take(words, from: end)
    case .progress: break
    case .close(let ending):
      ends[end].ending = ending
      ends[end].timer = nil
    }
  }

  /// A replica is writing `text` into its next change, and tells so: all of it so far.
  mutating func say(_ text: String, at replica: Int) {
    counter += 1
    let words = Words(saying: text, by: replicas[replica], counter: counter)
    for end in ends.indices where ends[end].replica == replica { tell(end, .words(words)) }
  }

  /// Does what a host does: takes words down, and passes on what is news.
  private mutating func take(_ words: Words, from end: Int) {
    let replica = ends[end].replica
    guard words.change.log != replicas[replica].own,
      let whole = boards[replica].take(words, held: replicas[replica].vector, now: now)
    else { return }
    news[replica].append(whole)
    for other in ends.indices where ends[other].replica == replica && other != end { tell(other, .words(whole)) }
  }

  /// Puts bytes on the way to `end`, as if its peer had sent them.
  mutating func inject(_ bytes: [UInt8], to end: Int) {
    ends[end].incoming += bytes
  }

  /// Lets those meet again who parted because a log had forked, until none does.
  mutating func settleForks() throws {
    var next = 0
    while true {
      try settle()
      guard next < ends.count else { return }
      let wasRenamed = ends[next...(next + 1)].contains {
        $0.ending?.closing?.code == Closing.Code.renamed.rawValue
      }
      if wasRenamed { connect(ends[next].replica, ends[next + 1].replica, ends[next].mode, ends[next + 1].mode) }
      next += 2
    }
  }

  // MARK: Steps

  private enum Step {
    case deliver(Int)
    case answer(Int)
    case notice(Int)
    case hangUp(Int)
  }

  /// Does one of the things that can happen; false if nothing can.
  mutating func step() -> Bool {
    var steps: [Step] = []
    for end in ends.indices {
      if ends[end].ending == nil {
        if !ends[end].incoming.isEmpty { steps.append(.deliver(end)) }
        if !ends[end].requests.isEmpty { steps.append(.answer(end)) }
        if !ends[end].notices.isEmpty { steps.append(.notice(end)) }
        if ends[end].incoming.isEmpty, ends[end ^ 1].ending != nil { steps.append(.hangUp(end)) }
      }
    }
    guard !steps.isEmpty else { return false }
    switch steps[generator.below(steps.count)] {
    case .deliver(let end):
      let count = min(ends[end].incoming.count, 1 + generator.below(fragmentMax))
      let fragment = Array(ends[end].incoming.prefix(count))
      ends[end].incoming.removeFirst(count)
      tell(end, .received(fragment))
    case .answer(let end): answer(end)
    case .notice(let end): tell(end, .localChanged(ends[end].notices.removeFirst()))
    case .hangUp(let end): tell(end, .peerClosed)
    }
    return true
  }

  private mutating func answer(_ end: Int) {
    let replica = ends[end].replica
    switch ends[end].requests.remove(at: generator.below(ends[end].requests.count)) {
    case .compare(let heads): tell(end, .compared(replicas[replica].compare(heads)))
    case .search(let search, let points):
      let (search, probe) = search.continued(with: points, hash: replicas[replica].hash)
      tell(end, .searched(search, probe))
    case .read(let request): tell(end, .batchRead(replicas[replica].read(request)))
    case .apply(let batch):
      // Earlier commits are told first, so that what the session knows to be held is closed under causality.
      while !ends[end].notices.isEmpty { tell(end, .localChanged(ends[end].notices.removeFirst())) }
      let before = replicas[replica].provable
      let outcome = replicas[replica].apply(batch)
      let after = replicas[replica].provable
      if after != before { grew(replica, by: after, except: end) }
      boards[replica].forget(heldIn: after)
      tell(end, .applied(outcome))
      guard replicas[replica].isSplit else { return }
      for other in ends.indices where ends[other].replica == replica { tell(other, .renamed) }
    case .blob(let effect): if let event = replicas[replica].answer(effect) { tell(end, .blob(event)) }
    default: break
    }
  }

  /// A session is done with a blob: those beside it hear of one that is whole.
  private mutating func released(_ blob: BlobID, by end: Int) {
    let replica = ends[end].replica
    _ = replicas[replica].answer(.release(blob))
    let offers = replicas[replica].offers(of: [blob])
    for other in ends.indices where other != end && ends[other].replica == replica && ends[other].ending == nil {
      tell(other, .blob(offers.isEmpty ? .wanted : .held(offers)))
    }
  }

  /// What a session that was cut had begun may be fetched by another one.
  mutating func release(_ replica: Int) {
    for blob in replicas[replica].blobs.keys.sorted() { _ = replicas[replica].answer(.release(blob)) }
    for end in ends.indices where ends[end].replica == replica && ends[end].ending == nil {
      tell(end, .blob(.wanted))
    }
  }

  /// Runs until nothing can happen but time. Throws after too many steps.
  mutating func settle(stepsMax: Int = 2_000_000) throws {
    for _ in 0..<stepsMax where !step() { return }
    throw NotSettled(reason: "\(stepsMax) steps were not enough")
  }

  /// Lets time pass, firing timers as they come due.
  mutating func pass(_ duration: Duration) throws {
    let end = now + duration
    while let next = ends.compactMap(\.timer).min(), next <= end {
      now = max(now, next)
      for index in ends.indices where ends[index].timer == next {
        ends[index].timer = nil
        tell(index, .timer)
      }
      try settle()
    }
    now = end
  }

  /// Gives a replica a batch that no session brought.
  mutating func give(_ batch: IncomingBatch, to replica: Int) {
    _ = replicas[replica].apply(batch)
  }

  /// Whether each change that is held has the hash its writer gave it: none lies on top of another's branch.
  var isFreeOfGrafts: Bool {
    let written = replicas.reduce(into: Set<Digest>()) { $0.formUnion($1.written) }
    return replicas.allSatisfy {
      $0.logs.values.allSatisfy { $0.changes.allSatisfy { written.contains($0.hash) } }
    }
  }

  /// Whether each replica holds all that each change depends on, with the hash that the change says.
  var isCausal: Bool {
    replicas.allSatisfy { replica in
      replica.logs.values.allSatisfy { log in
        log.changes.allSatisfy { sealed in
          sealed.change.dependencies.allSatisfy { replica.hash(of: $0.change)?.head == $0.hash }
        }
      }
    }
  }

  /// Whether what each side believes its peer to hold is held there, and is the same.
  var beliefsAreTrue: Bool {
    ends.indices.allSatisfy { end in
      let (here, there) = (replicas[ends[end].replica], replicas[ends[end ^ 1].replica])
      return ends[end].peerHas.entries.allSatisfy { log, last in
        let change = ChangeID(log: log, sequence: last)
        // Either of them may have cut that since.
        if here.branches.concerns(log) || there.branches.concerns(log) { return true }
        return there.hash(of: change) != nil && there.hash(of: change) == here.hash(of: change)
      }
    }
  }

  /// Whether all replicas hold the same.
  var hasConverged: Bool {
    replicas.allSatisfy { $0.contents == replicas[0].contents }
  }
}
