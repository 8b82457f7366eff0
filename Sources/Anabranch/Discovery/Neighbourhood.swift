internal import AnabranchCore
internal import AnabranchDiscovery
internal import AnabranchTransport

/// Announces a server on this machine's networks, and finds other devices of its space there: gives each interface its state
/// machine and sockets, and tells what comes of it.
///
/// Apart from the replica, so that whoever floods a network with packets is in nobody's way.
actor Neighbourhood {
  /// Something that the replica wants to know.
  enum News: Sendable {
    /// Where devices are to be had by now, for each the likeliest place first.
    case found([Digest: [Endpoint]])
    /// This machine has addresses that it had not before.
    case moved
    /// This machine does not have these addresses any more.
    case movedAway(from: Set<String>)
    /// Nobody can be found on a network, nor find this device there. Told once.
    case failed(reason: String)
  }

  /// An interface on which others are looked for.
  private struct Place {
    var interface: NetworkInterface
    var machine: LocalDiscovery
    var sockets: [MulticastSocket.Version: MulticastSocket] = [:]
    var sightings: [Sighting] = []
  }

  private let endpoint: Endpoint
  private let surroundings: Surroundings
  private let membership: @Sendable () async -> Membership?
  private let tell: @Sendable (News) async -> Void
  private var places: [Int: Place] = [:]
  private var hosts: Set<String> = []
  private var member: Membership?
  private var alarm: Task<Void, Never>?
  /// When it rings.
  private var armed: Duration?
  private var hasFailed = false

  /// The neighbourhood of who listens at `endpoint`. `membership` says who looks for whom; nil as long as there is no space.
  init(
    of endpoint: Endpoint, _ surroundings: Surroundings, membership: @escaping @Sendable () async -> Membership?,
    tell: @escaping @Sendable (News) async -> Void
  ) {
    self.endpoint = endpoint
    self.surroundings = surroundings
    self.membership = membership
    self.tell = tell
  }

  /// How often it looks whether the machine's interfaces, or the space's members, are others than before.
  private static let interval = Duration.seconds(3)

  /// Announces and looks until the task is cancelled; then takes back what was announced.
  func run() async {
    while !Task.isCancelled {
      await look()
      try? await Task.sleep(for: Self.interval)
    }
    alarm?.cancel()
    for index in places.keys.sorted() { await leave(index) }
  }

  /// Takes back what was announced there.
  private func leave(_ index: Int) async {
    await step(.stopped, on: index)
    await close(index)
  }

  /// Begins to ask anew: a session has ended.
  func miss() async {
    for index in places.keys.sorted() { await step(.missed, on: index) }
  }

  // MARK: Interfaces

  private func look() async {
    guard let changed = await membership() else {
      // No space yet, or the replica was closed.
      for index in places.keys.sorted() { await leave(index) }
      return
    }
    if member != changed {
      member = changed
      for index in places.keys.sorted() { await step(.membership(changed), on: index) }
    }
    let (interfaces, before): ([NetworkInterface], Set<String>)
    do {
      (interfaces, before) = (try NetworkInterface.all(), hosts)
      hosts = try NetworkInterface.hosts()
    } catch {
      return await fail(error)
    }
    for index in places.keys.sorted() where !interfaces.contains(where: { $0.index == index }) { await close(index) }
    for interface in interfaces { await look(at: interface, as: changed) }
    let gone = before.subtracting(hosts)
    if !gone.isEmpty { await tell(.movedAway(from: gone)) }
    if !hosts.isSubset(of: before) { await tell(.moved) }
  }

  private func look(at interface: NetworkInterface, as member: Membership) async {
    let (index, isNew) = (interface.index, places[interface.index]?.interface != interface)
    if places[index] == nil { places[index] = newPlace(interface, member) }
    // A socket sends from an address that the interface had when it was opened.
    if isNew { await closeSockets(of: index) }
    places[index]?.interface = interface
    var failure: TransportError?
    for version in MulticastSocket.Version.allCases
    where places[index]?.sockets[version] == nil && interface.has(version) {
      do throws(TransportError) {
        let socket = try await MulticastSocket.open(on: interface, version)
        places[index]?.sockets[version] = socket
        listen(to: socket, version, on: index)
      } catch {
        failure = error
      }
    }
    // One version is enough: either tells all addresses.
    if let failure, places[index]?.sockets.isEmpty == true { await fail(failure) }
    guard isNew else { return }
    await step(.addresses(interface.addresses, offered: interface.addresses(reaching: endpoint)), on: index)
  }

  private func newPlace(_ interface: NetworkInterface, _ member: Membership) -> Place {
    var generator = SurroundingsGenerator(surroundings: surroundings)
    let machine = LocalDiscovery(member, port: endpoint.port, now: surroundings.uptime(), using: &generator)
    return Place(interface: interface, machine: machine)
  }

  private func fail(_ error: TransportError) async {
    guard !hasFailed else { return }
    hasFailed = true
    await tell(.failed(reason: error.message))
  }

  private func listen(to socket: MulticastSocket, _ version: MulticastSocket.Version, on index: Int) {
    Task {
      for await packet in socket.packets { await step(.received(packet.bytes, from: packet.source), on: index) }
      await socket.close()
      if places[index]?.sockets[version] === socket { places[index]?.sockets[version] = nil }
    }
  }

  private func closeSockets(of index: Int) async {
    let sockets = places[index].map { Array($0.sockets.values) } ?? []
    places[index]?.sockets = [:]
    for socket in sockets { await socket.close() }
  }

  private func close(_ index: Int) async {
    await closeSockets(of: index)
    guard let place = places.removeValue(forKey: index) else { return }
    if !place.sightings.isEmpty { await publish() }
  }

  // MARK: Steps

  private func step(_ event: LocalDiscovery.Event, on index: Int) async {
    var generator = SurroundingsGenerator(surroundings: surroundings)
    let effects = places[index]?.machine.handle(event, now: surroundings.uptime(), using: &generator) ?? []
    rearm()
    // Before anything is waited for: another step may come meanwhile, and know better.
    for case .found(let sightings) in effects {
      places[index]?.sightings = sightings
      await publish()
    }
    for case .send(let bytes) in effects {
      for socket in places[index].map({ Array($0.sockets.values) }) ?? [] { await socket.send(bytes) }
    }
  }

  private func publish() async {
    var found: [Digest: [Endpoint]] = [:]
    for index in places.keys.sorted() {
      guard let place = places[index] else { continue }
      for sighting in place.sightings {
        let endpoint = Endpoint(sighting.address, port: sighting.port, on: place.interface)
        found[sighting.device, default: []].append(endpoint)
      }
    }
    await tell(.found(found))
  }

  private func rearm() {
    let deadline = places.values.compactMap(\.machine.deadline).min()
    guard deadline != armed else { return }
    armed = deadline
    alarm?.cancel()
    guard let deadline else { return }
    let pause = max(deadline - surroundings.uptime(), .zero)
    alarm = Task { [weak self] in
      guard (try? await Task.sleep(for: pause)) != nil else { return }
      await self?.ring()
    }
  }

  private func ring() async {
    armed = nil
    let now = surroundings.uptime()
    for index in places.keys.sorted() {
      if let deadline = places[index]?.machine.deadline, deadline <= now { await step(.timer, on: index) }
    }
    rearm()
  }
}

extension NetworkInterface {
  fileprivate func has(_ version: MulticastSocket.Version) -> Bool {
    addresses.contains { $0.address.isVersion4 == (version == .four) }
  }
}
