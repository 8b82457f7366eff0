import AnabranchCore
import AnabranchDiscovery
import SeededRandom

/// Machines on one link in simulated time: what one sends all hear, itself included, a millisecond later, unless it is lost.
struct Wire {
  /// A machine with one interface.
  struct Machine {
    var discovery: LocalDiscovery
    var address: IPAddress
    var found: [Sighting] = []
    /// What it sent, and when.
    var sent: [(time: Duration, bytes: [UInt8])] = []
  }

  private(set) var now = Duration.zero
  private(set) var machines: [Machine] = []
  private var random: RandomStream
  private var underWay: [(due: Duration, source: Int, address: IPAddress, bytes: [UInt8])] = []
  /// Of a hundred deliveries so many are lost.
  var lostPercent = 0
  /// Machines that nothing reaches, and that reach nobody.
  var unplugged: Set<Int> = []

  init(seed: UInt64, lostPercent: Int = 0) {
    random = RandomStream(seed: seed)
    self.lostPercent = lostPercent
  }

  /// Adds a machine at 10.0.0.`host`.
  mutating func add(_ membership: Membership, host: UInt32, offers: Bool = true) -> Int {
    let discovery = LocalDiscovery(membership, port: 4850, now: now, using: &random)
    machines.append(Machine(discovery: discovery, address: .local(host)))
    move(machines.count - 1, to: host, offers: offers)
    return machines.count - 1
  }

  /// Gives a machine another address.
  mutating func move(_ index: Int, to host: UInt32, offers: Bool = true) {
    machines[index].address = .local(host)
    take(.addresses([.init(.local(host), prefixBits: 24)], offered: offers ? [.local(host)] : []), at: index)
  }

  /// Has something happen at a machine.
  mutating func take(_ event: LocalDiscovery.Event, at index: Int) {
    for effect in machines[index].discovery.handle(event, now: now, using: &random) {
      switch effect {
      case .found(let sightings): machines[index].found = sightings
      case .send(let bytes):
        machines[index].sent.append((now, bytes))
        underWay.append((now + .milliseconds(1), index, machines[index].address, bytes))
      }
    }
  }

  /// Lets time go by.
  mutating func run(for span: Duration) {
    let end = now + span
    while let next = nextDue, next <= end {
      now = max(now, next)
      let arriving = underWay.filter { $0.due <= now }
      underWay.removeAll { $0.due <= now }
      for packet in arriving {
        for index in machines.indices where !isLost(from: packet.source, to: index) {
          take(.received(packet.bytes, from: packet.address), at: index)
        }
      }
      for index in machines.indices {
        if let deadline = machines[index].discovery.deadline, deadline <= now { take(.timer, at: index) }
      }
    }
    now = end
  }

  private var nextDue: Duration? {
    (machines.compactMap(\.discovery.deadline) + underWay.map(\.due)).min()
  }

  private mutating func isLost(from source: Int, to index: Int) -> Bool {
    if source == index { return false }
    return unplugged.contains(source) || unplugged.contains(index) || random.chance(lostPercent, in: 100)
  }

  /// The messages of one kind that a machine sent since `start`, and when.
  func messages(of index: Int, isResponse: Bool, since start: Duration = .zero) -> [(
    time: Duration, message: DNSMessage
  )] {
    machines[index].sent.compactMap { sent in
      guard sent.time >= start, let message = try? DNSMessage(reading: sent.bytes), message.isResponse == isResponse
      else { return nil }
      return (sent.time, message)
    }
  }
}

extension IPAddress {
  /// 10.0.0.`host`.
  static func local(_ host: UInt32) -> IPAddress {
    .version4(10 << 24 | host)
  }
}

extension Membership {
  /// The device `own` of a space of `count` devices.
  static func family(_ own: UInt8, of count: UInt8 = 2, space: UInt8 = 7) -> Membership {
    Membership(
      space: Bytes16(high: UInt64(space), low: 0), own: .device(own),
      others: (1...count).filter { $0 != own }.map(Digest.device))
  }
}

extension Digest {
  /// A device's key, as far as it matters here.
  static func device(_ number: UInt8) -> Digest {
    Digest(head: Bytes16(high: UInt64(number), low: 1), tail: Bytes16(high: 2, low: 3))
  }
}

extension DNSMessage {
  /// The names of services that it tells of, or takes back.
  var instances: [DomainName] {
    answers.compactMap { record in
      if case .pointer(let instance) = record.content { instance } else { nil }
    }
  }
}
