internal import AnabranchCore
internal import AnabranchNoise
internal import AnabranchStore
internal import AnabranchSync
internal import AnabranchTransport
internal import AnabranchWire

extension Replica {
  /// With whom this replica is connected just now, and why not with others: what the last attempts came to since it was opened, and
  /// when they are made again. Reads the roster and the devices met; writes nothing. O(devices · connections).
  public func connections() throws(AnabranchError) -> ConnectionStatus {
    let devices = try devices()
    let met = try withStore { (store) throws(StoreError) in try store.peers() }
    let last = Dictionary(met.map { ($0.device, $0.address) }, uniquingKeysWith: { first, _ in first })
    let isCutOff = devices.contains { $0.isThisOne && $0.role == .outsider }
    var status = ConnectionStatus()
    status.isDiscovering = discovery != nil
    status.devices = devices.filter { !$0.isThisOne }.map {
      connection(with: $0, metAt: last[$0.device] ?? nil, isCutOff)
    }
    let addresses = Set(last.values.compactMap { $0 })
    status.unmet = memory.targets.keys.sorted().compactMap { address in
      guard let target = memory.targets[address], target.device == nil, !addresses.contains(address) else { return nil }
      return UnmetAddress(address: address, ending: memory.ending(at: address), retry: target.due.map(pause))
    }
    return status
  }

  private func connection(with record: DeviceRecord, metAt last: String?, _ isCutOff: Bool) -> DeviceConnection {
    let device = record.device
    let targets = memory.targets(of: device, metAt: last)
    let ending = memory.ending(of: device, at: targets.map(\.address) + [last].compactMap { $0 })
    func standing(_ state: DeviceConnection.State) -> DeviceConnection {
      DeviceConnection(device: device, state: state, ending: ending)
    }
    if record.isKeptOut { return standing(.removed) }
    if let link = session(with: device) {
      return DeviceConnection(
        device: device,
        state: .connected(
          address: link.address, isDialled: link.dialled != nil, since: link.beganWall, known: link.known))
    }
    if isCutOff { return standing(.cutOff) }
    let found = discovery?.plan.dial(of: device).map { [($0.place.description, $0.due)] } ?? []
    let dials = targets.map { ($0.address, $0.due) } + found
    if let (address, _) = dials.first(where: { $0.1 == nil }) { return standing(.dialling(address: address)) }
    let next = dials.min { ($0.1 ?? .zero, $0.0) < ($1.1 ?? .zero, $1.0) }
    guard let (address, due) = next, let due else { return standing(.notDialled) }
    return standing(.waiting(address: address, retry: pause(until: due)))
  }

  /// The session with a device in which both have greeted; of several the one that began first.
  private func session(with device: Digest) -> Link? {
    links.keys.sorted().lazy.compactMap { self.links[$0] }
      .first { $0.ending == nil && $0.session != nil && $0.summary.peer == device }
  }

  private func pause(until due: Duration) -> Duration {
    max(due - surroundings.uptime(), .zero)
  }

  // MARK: Remembering

  /// Remembers how a link ended; not that of a pairing, nor of one that goes on under other names. `failure` is what is thrown
  /// for it.
  func remember(_ link: Link, _ failure: AnabranchError?) {
    guard link.pairing == nil, link.ending?.isRenamed != true else { return }
    if case .pairing? = link.channel.purpose { return }
    // Anybody can call under any number of keys.
    guard link.dialled != nil || link.peer.map(isKnown) == true else { return }
    let isDone = link.ending?.isDone == true
    let reason = failure.map(\.message) ?? (isDone ? "everything was exchanged" : link.ending?.closing?.reason ?? "")
    let ending = ConnectionEnding(
      cause: ConnectionEnding.Cause(of: link), reason: reason.inOneLine, address: link.address,
      isDialled: link.dialled != nil, time: surroundings.wall())
    // Under any number of keys anybody can answer, too: of who is not known the address is remembered, of which there are few.
    let device = link.peer.flatMap { isKnown($0) ? $0 : nil } ?? link.expected
    memory.note(ending, with: ending.cause == .own ? nil : device)
  }

  /// Remembers that no connection with `endpoint` came about; `device` is who was looked for there.
  func remember(_ error: TransportError, at endpoint: Endpoint, expecting device: Digest?) {
    let ending = ConnectionEnding(
      cause: ConnectionEnding.Cause(error), reason: error.message.inOneLine, address: endpoint.description,
      isDialled: true, time: surroundings.wall())
    memory.note(ending, with: device)
  }

  private func isKnown(_ device: Digest) -> Bool {
    (try? withStore { $0.roster.members.contains { $0.device == device } }) ?? false
  }
}
