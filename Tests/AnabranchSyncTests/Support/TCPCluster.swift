import AnabranchCore
import AnabranchFakes
import AnabranchSync
import AnabranchTransport

/// A cluster whose replicas talk over TCP on this machine: what a host does, in small.
actor TCPCluster: Cluster {
  private struct Side {
    let replica: Int
    var session: SyncSession
    let connection: Connection
    var ending: SyncEnding?
  }

  private var replicas: [FakeReplica] = []
  private var sides: [Side] = []
  private var listener: Listener?
  private var arrivals: AsyncStream<Connection>.Iterator?
  private var queue: [(side: Int, event: SyncSession.Event)] = []
  private var isWorking = false
  private let epoch = ContinuousClock.now
  /// The sessions' time passes that much slower than the real one: their deadlines are not what is tested here, and
  /// other suites may keep both cores busy for longer than a greeting may take.
  private static let slowness = 60

  func add(_ replica: FakeReplica) -> Int {
    replicas.append(replica)
    return replicas.count - 1
  }

  func replica(_ number: Int) -> FakeReplica {
    replicas[number]
  }

  func connect(_ a: Int, _ b: Int, _ modeA: SyncSession.Mode, _ modeB: SyncSession.Mode) async throws {
    let listener: Listener
    if let open = self.listener {
      listener = open
    } else {
      listener = try await Listener.bind(to: Endpoint(host: "127.0.0.1", port: 0))
      self.listener = listener
    }
    let dialled = try await Dialer.connect(to: listener.endpoint)
    var iterator = arrivals ?? listener.connections.makeAsyncIterator()
    guard let taken = await iterator.next(isolation: self) else {
      throw NotSettled(reason: "no connection came")
    }
    arrivals = iterator
    start(replica: a, peer: b, mode: modeA, on: dialled)
    start(replica: b, peer: a, mode: modeB, on: taken)
  }

  private func start(replica: Int, peer: Int, mode: SyncSession.Mode, on connection: Connection) {
    let side = sides.count
    let session = SyncSession(local: replicas[replica].local, mode: mode)
    sides.append(Side(replica: replica, session: session, connection: connection))
    tell(side, .started(peer: replicas[peer].local.device))
    Task {
      while let bytes = try? await connection.receive() { self.tell(side, .received(bytes)) }
      self.tell(side, .peerClosed)
    }
  }

  func write(_ replica: Int, messages: Int, bytes: Int) {
    for _ in 0..<messages {
      grew(replica, replicas[replica].write(bytes: bytes), except: nil)
    }
  }

  private func grew(_ replica: Int, _ vector: VersionVector, except: Int?) {
    for side in sides.indices where sides[side].replica == replica && side != except {
      tell(side, .localChanged(vector))
    }
  }

  /// Events wait for each other, so that the effects of one are done before the next.
  private func tell(_ side: Int, _ event: SyncSession.Event) {
    queue.append((side, event))
    guard !isWorking else { return }
    isWorking = true
    while !queue.isEmpty {
      let (side, event) = queue.removeFirst()
      let effects = sides[side].session.handle(event, now: (ContinuousClock.now - epoch) / Self.slowness)
      for effect in effects { perform(effect, side) }
    }
    isWorking = false
  }

  private func perform(_ effect: SyncSession.Effect, _ side: Int) {
    let replica = sides[side].replica
    switch effect {
    case .send(let bytes): sides[side].connection.send(bytes)
    case .compare(let heads): tell(side, .compared(replicas[replica].compare(heads)))
    case .search(let search, let points):
      let (search, probe) = search.continued(with: points, hash: replicas[replica].hash)
      tell(side, .searched(search, probe))
    case .read(let request): tell(side, .batchRead(replicas[replica].read(request)))
    case .apply(let batch):
      let before = replicas[replica].provable
      let outcome = replicas[replica].apply(batch)
      let after = replicas[replica].provable
      if after != before { grew(replica, after, except: side) }
      tell(side, .applied(outcome))
    case .blob(let effect):
      if let event = replicas[replica].answer(effect) { tell(side, .blob(event)) }
    case .setTimer(let at):
      let epoch = epoch
      Task {
        try? await Task.sleep(until: epoch + at * Self.slowness)
        self.tell(side, .timer)
      }
    case .peerHas, .progress, .report, .words: break
    case .close(let ending):
      sides[side].ending = ending
      let connection = sides[side].connection
      Task { await connection.close() }
    }
  }

  func settle() async throws {
    try await wait(for: "equal replicas") {
      self.replicas.allSatisfy { $0.contents == self.replicas[0].contents }
    }
  }

  func endings() async throws -> [SyncEnding] {
    try await wait(for: "the end of all sessions") { self.sides.allSatisfy { $0.ending != nil } }
    await listener?.close()
    return sides.compactMap(\.ending)
  }

  /// Long enough for two cores on which every other suite computes at the same time: it tells a hang from a delay.
  private static let patience = Duration.seconds(180)

  private func wait(for what: String, _ isSo: () -> Bool) async throws {
    let end = ContinuousClock.now + Self.patience
    while ContinuousClock.now < end {
      if isSo() { return }
      try await Task.sleep(for: .milliseconds(5))
    }
    throw NotSettled(reason: "no \(what) after \(Self.patience)")
  }
}
