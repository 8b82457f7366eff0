internal import AnabranchCore
internal import DequeModule
internal import SeededRandom

/// Connections between machines as TCP makes them: bytes in order both ways, however late, in whatever pieces; until
/// the connection breaks.
///
/// A segment that is lost is sent again, so loss is delay. What cannot pass waits until it can: a session that hears
/// nothing for too long ends by its own rules.
final class Network {
  /// A side of a connection.
  struct End {
    let host: Int
    /// The process that has it open.
    let life: Int
    /// How often its disk had failed when it was opened.
    let failures: UInt64
    /// The link's number in the replica.
    var link: Int?
    var isOpen = true
    /// Whether it has sent anything.
    var hasSpoken = false
    /// What the other side held durably when it sent what has come so far.
    var proven = VersionVector()
    /// How many changes its session has received.
    var received: UInt64 = 0
    /// What is on its way here.
    var lane: Deque<(segment: Segment, arrival: VirtualTime)> = []
    /// Segments that could not pass, or found the machine asleep, when their time came.
    var overdue = 0
    /// When the last one on its way comes.
    var lastArrival = VirtualTime.zero
  }

  /// A piece of what one side sends.
  enum Segment {
    /// With what the sender held durably when it sent them.
    case bytes([UInt8], VersionVector)
    /// The other side is done.
    case end
    /// The connection does not exist any more.
    case reset
  }

  struct Connection {
    /// The dialling side first.
    var ends: [End]
    let opened: VirtualTime
    let isOnce: Bool
    /// Whether each of its sides had read in the roster that the other one belongs to the space.
    let isByRoster: Bool
    /// Whether somebody in between altered what passed.
    var isAltered = false
    /// Whether one of its sides went into another space meanwhile.
    var hasMoved = false
  }

  private(set) var connections: [Connection] = []
  private let scheduler: Scheduler
  private var random: RandomStream
  var options: Options
  /// For each machine how many faults keep its bytes from each other one.
  private var blocked: [[Int]]
  private(set) var marks: Set<Mark> = []
  /// The ephemeral keys that all ends began their handshakes with; and a connection on which one came again, if there is one.
  private var ephemeralKeys: Set<[UInt8]> = []
  private(set) var withOldKey: Int?
  /// Over every byte that was sent, and where.
  private var sent = Trace(isKept: false)
  var digest: UInt64 { sent.hash }

  init(hosts: Int, seed: UInt64, options: Options, _ scheduler: Scheduler) {
    self.scheduler = scheduler
    self.options = options
    random = RandomStream(seed: seed, "network")
    blocked = Array(repeating: Array(repeating: 0, count: hosts), count: hosts)
  }

  // MARK: Reach

  /// Whether bytes pass from one machine to another.
  func passes(from: Int, to: Int) -> Bool {
    blocked[from][to] == 0
  }

  /// Makes bytes between those pass, or not, and sends on what waited. `mark` is for a block that holds bytes up.
  func block(_ pairs: [(from: Int, to: Int)], _ isBlocked: Bool, as mark: Mark? = nil) {
    if isBlocked, let mark {
      let ways = connections.flatMap { [($0.ends[0], $0.ends[1]), ($0.ends[1], $0.ends[0])] }
      let isUsed = ways.contains { a, b in
        a.isOpen && b.isOpen && pairs.contains { $0.from == a.host && $0.to == b.host }
      }
      if isUsed { marks.insert(mark) }
    }
    for (from, to) in pairs where from != to { blocked[from][to] += isBlocked ? 1 : -1 }
    if !isBlocked { resumeWaiting() }
  }

  /// Makes all bytes pass.
  func unblock() {
    blocked = blocked.map { $0.map { _ in 0 } }
  }

  /// Plans what was overdue again: a machine woke, or a way is free.
  func resumeWaiting() {
    for connection in connections.indices {
      for end in 0...1 where connections[connection].ends[end].overdue > 0 {
        for _ in 0..<connections[connection].ends[end].overdue {
          scheduler.plan(.arrival(connection: connection, end: end), after: delay())
        }
        connections[connection].ends[end].overdue = 0
      }
    }
  }

  /// A way through the network.
  func delay() -> VirtualTime {
    let usual = options[.latencyMs] * 1_000
    var microseconds = usual / 2 + random.number(in: 0...max(usual, 1))
    if random.chance(options[.slowPpm], in: 1_000_000) {
      microseconds *= 100
      marks.insert(.slowSegment)
    }
    var pause = 200_000
    while random.chance(options[.lossPpm], in: 1_000_000), pause < 10_000_000 {
      microseconds += pause
      pause *= 2
      marks.insert(.lostSegment)
    }
    return VirtualTime(microseconds: Int64(microseconds))
  }

  // MARK: Connections

  /// A connection that stands, between processes that both run.
  func connect(_ dialler: Host, _ listener: Host, isOnce: Bool, isByRoster: Bool) -> Int {
    let ends = [dialler, listener].map { End(host: $0.number, life: $0.lives, failures: $0.disk.failures) }
    connections.append(Connection(ends: ends, opened: scheduler.now, isOnce: isOnce, isByRoster: isByRoster))
    return connections.count - 1
  }

  func setLink(_ link: Int, of connection: Int, end: Int) {
    connections[connection].ends[end].link = link
  }

  func setReceived(_ changes: UInt64, of connection: Int, end: Int) {
    connections[connection].ends[end].received = changes
  }

  /// Sends `bytes` from `end`, where `held` is durable, to the other one, perhaps in pieces.
  func send(_ bytes: [UInt8], on connection: Int, from end: Int, holding held: VersionVector) {
    guard connections[connection].ends[end].isOpen else { return }
    sent.mix(UInt64(connection * 2 + end))
    sent.mix(bytes)
    noteKey(bytes, connection, end)
    let bytes = altered(bytes, on: connection)
    guard random.chance(options[.fragmentsPercent], in: 100), bytes.count > 1 else {
      return push(.bytes(bytes, held), on: connection, to: 1 - end)
    }
    marks.insert(.fragments)
    var rest = bytes[...]
    let isDrip = bytes.count <= 400 && random.chance(1, in: 4)
    if isDrip { marks.insert(.singleBytes) }
    var pieces = 0
    while !rest.isEmpty {
      pieces += 1
      let most = pieces > 500 ? rest.count : min(rest.count, isDrip ? 1 : max(1, bytes.count / 2))
      let count = random.number(in: 1...most)
      push(.bytes(Array(rest.prefix(count)), held), on: connection, to: 1 - end)
      rest = rest.dropFirst(count)
    }
  }

  /// Takes note of the ephemeral key with which an end begins: the keys of a connection follow from those of both ends, so that none
  /// comes again as long as they do not.
  private func noteKey(_ bytes: [UInt8], _ connection: Int, _ end: Int) {
    guard !connections[connection].ends[end].hasSpoken else { return }
    connections[connection].ends[end].hasSpoken = true
    let key = Array(bytes.dropFirst(end == 0 ? Self.openingBytes + Self.lengthBytes : Self.lengthBytes).prefix(32))
    guard key.count == 32 else { return }
    if !ephemeralKeys.insert(key).inserted { withOldKey = withOldKey ?? connection }
  }

  /// What stands before the first message of a handshake, the opening of who dialled, and before every one, its length.
  private static let (openingBytes, lengthBytes) = (6, 2)

  /// What becomes of `bytes` on the way: mostly nothing.
  private func altered(_ bytes: [UInt8], on connection: Int) -> [UInt8] {
    guard random.chance(options[.flipPpm], in: 1_000_000), !bytes.isEmpty else { return bytes }
    connections[connection].isAltered = true
    marks.insert(.flipped)
    var bytes = bytes
    bytes[random.below(bytes.count)] ^= 1 << UInt8(random.below(8))
    return bytes
  }

  /// Sends a reset, once: where it cannot pass, the other side does not hear of it.
  private func pushReset(on connection: Int, to end: Int) {
    let ends = connections[connection].ends
    if passes(from: ends[1 - end].host, to: ends[end].host) { push(.reset, on: connection, to: end) }
  }

  private func push(_ segment: Segment, on connection: Int, to end: Int) {
    let arrival = max(scheduler.now + delay(), connections[connection].ends[end].lastArrival)
    connections[connection].ends[end].lane.append((segment, arrival))
    connections[connection].ends[end].lastArrival = arrival
    scheduler.plan(.arrival(connection: connection, end: end), at: arrival)
  }

  /// The next segment for an end, whose time has come; nil where it cannot pass yet, or the machine is not awake, or
  /// nobody there has the connection open.
  func take(_ connection: Int, end: Int, isAwake: Bool, isUp: Bool) -> Segment? {
    guard !connections[connection].ends[end].lane.isEmpty else { return nil }
    let (from, to) = (connections[connection].ends[1 - end].host, connections[connection].ends[end].host)
    guard isAwake, passes(from: from, to: to) else {
      connections[connection].ends[end].overdue += 1
      return nil
    }
    // What came at once with others was taken with them.
    guard let next = connections[connection].ends[end].lane.first, next.arrival <= scheduler.now else { return nil }
    let segment = connections[connection].ends[end].lane.removeFirst().segment
    guard connections[connection].ends[end].isOpen else {
      // A machine that knows nothing of a connection says so, unless it is off.
      if case .bytes = segment, isUp {
        pushReset(on: connection, to: 1 - end)
        marks.insert(.halfOpen)
      }
      return nil
    }
    return joined(segment, connection, end)
  }

  /// A segment, with all that has come by now too, as after a sleep, or where they wait for one that was lost.
  private func joined(_ segment: Segment, _ connection: Int, _ end: Int) -> Segment {
    guard case .bytes(var bytes, var held) = segment else { return segment }
    while let next = connections[connection].ends[end].lane.first, next.arrival <= scheduler.now,
      case .bytes(let more, let later) = next.segment, bytes.count < Self.readBytesMax
    {
      bytes += more
      held.merge(later)
      connections[connection].ends[end].lane.removeFirst()
      marks.insert(.coalesced)
    }
    return .bytes(bytes, held)
  }

  /// What a receiver takes at once, about.
  private static let readBytesMax = 64 << 10

  /// Takes note of what the other side held durably when it sent what has come.
  func setProven(_ held: VersionVector, of connection: Int, end: Int) {
    connections[connection].ends[end].proven.merge(held)
  }

  /// This side says no more; what is under way still comes.
  func close(_ connection: Int, end: Int) {
    guard connections[connection].ends[end].isOpen else { return }
    push(.end, on: connection, to: 1 - end)
    scheduler.plan(.ended(connection: connection, end: end), after: .zero)
  }

  /// This side is gone. The other one hears of it unless `isSilent`.
  func drop(_ connection: Int, end: Int, isSilent: Bool) {
    guard connections[connection].ends[end].isOpen else { return }
    connections[connection].ends[end].isOpen = false
    if !isSilent { pushReset(on: connection, to: 1 - end) }
  }

  /// Cuts a connection, mostly the busiest of those that are open: what is under way comes in part.
  func resetOne(using random: inout RandomStream) {
    let open = connections.indices.filter { connections[$0].ends.contains { $0.isOpen } }
    func load(_ connection: Int) -> Int { connections[connection].ends.reduce(0) { $0 + $1.lane.count } }
    let busiest = open.max { (load($0), $0) < (load($1), $1) }
    guard let connection = random.chance(3, in: 4) ? busiest : random.pick(open) else { return }
    for end in 0...1 where connections[connection].ends[end].isOpen {
      let lane = connections[connection].ends[end].lane
      var kept: Deque<(segment: Segment, arrival: VirtualTime)> = []
      for (segment, arrival) in lane {
        guard case .bytes(let bytes, let held) = segment, random.chance(2, in: 3) else { break }
        let part = Array(bytes.prefix(random.number(in: 0...bytes.count)))
        if part.count < bytes.count { marks.insert(.resetInMidFrame) }
        kept.append((.bytes(part, held), arrival))
        if part.count < bytes.count { break }
      }
      connections[connection].ends[end].lane = kept
      connections[connection].ends[end].lastArrival = kept.last?.arrival ?? scheduler.now
      push(.reset, on: connection, to: end)
    }
  }

  /// Takes note that a machine went into another space: what stood before then comes to no good end.
  func noteMove(of host: Int) {
    for index in connections.indices where connections[index].ends.contains(where: { $0.host == host }) {
      connections[index].hasMoved = true
    }
  }

  /// The open ends of a process.
  func ends(of host: Int, life: Int) -> [(connection: Int, end: Int)] {
    connections.indices.flatMap { connection in
      (0...1).compactMap { end in
        let there = connections[connection].ends[end]
        return there.host == host && there.life == life && there.isOpen ? (connection, end) : nil
      }
    }
  }
}
