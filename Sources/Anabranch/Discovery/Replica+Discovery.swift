internal import AnabranchCore
internal import AnabranchDiscovery
internal import AnabranchStore
internal import AnabranchSync
internal import AnabranchTransport

/// What a server has to do with devices that are found on its networks.
struct Discovery {
  var plan: DialPlan<Endpoint>
  let neighbourhood: Neighbourhood
  /// Those that are being dialled, and sessions that came of it.
  var dials: [Int: Task<Void, Never>] = [:]
  var nextDial = 0
}

/// Devices of the space that are found on this machine's networks are dialled, and dialled again, without anybody having told
/// where they are.
extension Replica {
  /// Begins to look for others, and to be found, as who listens at `endpoint`; returns what does so until it is cancelled.
  func discover(from endpoint: Endpoint) throws(AnabranchError) -> @Sendable () async -> Void {
    let neighbourhood = Neighbourhood(
      of: endpoint, surroundings, membership: { [weak self] in await self?.membership() },
      tell: { [weak self] news in await self?.take(news) })
    discovery = Discovery(plan: DialPlan(own: try deviceKey().publicKey), neighbourhood: neighbourhood)
    return { await neighbourhood.run() }
  }

  /// Ends all that came of looking for others.
  func endDiscovery() async {
    guard let ended = discovery else { return }
    discovery = nil
    for task in ended.dials.values { task.cancel() }
    for task in ended.dials.values { await task.value }
  }

  /// Who looks for whom; nil as long as this replica belongs to no space.
  private func membership() -> Membership? {
    guard let own = try? deviceKey().publicKey, let (space, devices) = try? meetable() else { return nil }
    return Membership(space: space, own: own, others: devices.filter { $0 != own }.sorted())
  }

  func take(_ news: Neighbourhood.News) {
    guard discovery != nil else { return }
    switch news {
    case .found(let found):
      for device in discovery?.plan.found(found, now: surroundings.uptime()) ?? [] {
        guard let place = found[device]?.first else { continue }
        let name = (try? withStore { (store) throws(StoreError) in try store.deviceName(device) }) ?? nil
        tell(.found(address: place.description, peer: device, name: name ?? ""))
      }
      dialDue()
      rearm()
    case .moved:
      discovery?.plan.moved(now: surroundings.uptime())
      dialDue()
      rearm()
    case .movedAway(let hosts):
      // What was connected from there is not any more, and would notice late.
      for number in links.keys.sorted() {
        guard let port = links[number]?.port, let host = port.localHost, hosts.contains(host) else { continue }
        port.abort()
      }
    case .failed(let reason):
      tell(.undiscoverable(reason: reason))
    }
  }

  /// Dials whoever is to be dialled by now.
  func dialDue() {
    for (device, place) in discovery?.plan.dials(now: surroundings.uptime()) ?? [] {
      guard let number = discovery?.nextDial else { return }
      discovery?.nextDial += 1
      discovery?.dials[number] = Task {
        let (reason, held) = await connectOnce(to: place, expecting: device)
        endDial(number, to: device, at: place, reason: reason, held: held)
      }
    }
  }

  private func endDial(_ number: Int, to device: Digest, at place: Endpoint, reason: String, held: Duration) {
    guard discovery != nil else { return }
    discovery?.dials[number] = nil
    var generator = SurroundingsGenerator(surroundings: surroundings)
    let pause = discovery?.plan.dialled(device, held: held, now: surroundings.uptime(), using: &generator)
    tell(.unreachable(address: place.description, reason: reason, retry: pause ?? .zero))
    rearm()
  }

  /// Takes note that a session with `device` has begun.
  func noteMet(_ device: Digest) {
    discovery?.plan.met(device)
  }

  /// Takes note that a session with `device` has ended, and asks where it is by now.
  func noteParted(_ device: Digest) {
    guard let neighbourhood = discovery?.neighbourhood else { return }
    discovery?.plan.parted(device, now: surroundings.uptime())
    Task { await neighbourhood.miss() }
  }
}
