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
    /// The link's number in the replica.
    var link: Int?
    var isOpen = true
    /// How many changes its session has received.
    var received: UInt64 = 0
    /// What is on its way here.
    var lane: Deque<Segment> = []
    /// Segments that could not pass, or found the machine asleep, when their time came.
    var overdue = 0
    /// When the last one on its way comes.
    var lastArrival = VirtualTime.zero
  }

  /// A piece of what one side sends.
  enum Segment {
    case bytes([UInt8])
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
  }

  private(set) var connections: [Connection] = []
  private let scheduler: Scheduler
  private var random: RandomStream
  var options: Options
  /// For each machine how many misfortunes keep its bytes from each other one.
  private var blocked: [[Int]]
  private(set) var marks: Set<Mark> = []

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

  /// Makes bytes between those pass, or not, and sends on what waited.
  func block(_ pairs: [(from: Int, to: Int)], _ isBlocked: Bool) {
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
  func connect(_ dialler: (host: Int, life: Int), _ listener: (host: Int, life: Int), isOnce: Bool) -> Int {
    connections.append(
      Connection(
        ends: [End(host: dialler.host, life: dialler.life), End(host: listener.host, life: listener.life)],
        opened: scheduler.now, isOnce: isOnce))
    return connections.count - 1
  }

  func setLink(_ link: Int, of connection: Int, end: Int) {
    connections[connection].ends[end].link = link
  }

  func setReceived(_ changes: UInt64, of connection: Int, end: Int) {
    connections[connection].ends[end].received = changes
  }

  /// Sends `bytes` from `end` to the other one, perhaps in pieces.
  func send(_ bytes: [UInt8], on connection: Int, from end: Int) {
    guard connections[connection].ends[end].isOpen else { return }
    guard random.chance(options[.fragmentsPercent], in: 100), bytes.count > 1 else {
      return push(.bytes(bytes), on: connection, to: 1 - end)
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
      push(.bytes(Array(rest.prefix(count))), on: connection, to: 1 - end)
      rest = rest.dropFirst(count)
    }
  }

  private func push(_ segment: Segment, on connection: Int, to end: Int) {
    let arrival = max(scheduler.now + delay(), connections[connection].ends[end].lastArrival)
    connections[connection].ends[end].lane.append(segment)
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
    let segment = connections[connection].ends[end].lane.removeFirst()
    guard connections[connection].ends[end].isOpen else {
      // A machine that knows nothing of a connection says so, unless it is off.
      if case .bytes = segment, isUp {
        push(.reset, on: connection, to: 1 - end)
        marks.insert(.halfOpen)
      }
      return nil
    }
    return joined(segment, connection, end)
  }

  /// A segment, now and then with all that follows it, as a receiver gets it that was busy meanwhile.
  private func joined(_ segment: Segment, _ connection: Int, _ end: Int) -> Segment {
    guard case .bytes(var bytes) = segment, case .bytes? = connections[connection].ends[end].lane.first,
      random.chance(options[.fragmentsPercent], in: 100)
    else { return segment }
    while case .bytes(let more)? = connections[connection].ends[end].lane.first {
      bytes += more
      connections[connection].ends[end].lane.removeFirst()
    }
    marks.insert(.coalesced)
    return .bytes(bytes)
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
    if !isSilent { push(.reset, on: connection, to: 1 - end) }
  }

  /// Cuts a connection where it is busiest, if any is open: what is under way comes in part.
  func resetOne(using random: inout RandomStream) -> Bool {
    let open = connections.indices.filter { connections[$0].ends.contains { $0.isOpen } }
    guard let connection = random.pick(open) else { return false }
    for end in 0...1 where connections[connection].ends[end].isOpen {
      var kept: Deque<Segment> = []
      for segment in connections[connection].ends[end].lane {
        guard case .bytes(let bytes) = segment, random.chance(2, in: 3) else { break }
        let part = Array(bytes.prefix(random.number(in: 0...bytes.count)))
        if part.count < bytes.count { marks.insert(.resetInMidFrame) }
        kept.append(.bytes(part))
        if part.count < bytes.count { break }
      }
      let lost = connections[connection].ends[end].lane.count - kept.count
      connections[connection].ends[end].lane = kept + [.reset]
      if lost <= 0 { scheduler.plan(.arrival(connection: connection, end: end), after: delay()) }
    }
    return true
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
