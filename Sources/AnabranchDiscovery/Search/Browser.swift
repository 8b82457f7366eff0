internal import AnabranchCore

/// Looks on one interface for devices of the space.
///
/// It keeps services of members alone, and a fixed number of them. Of strangers it remembers some names for as long as they hold,
/// so that its questions say of everybody alike that the answer is known.
struct Browser: Sendable {
  /// Those that were heard of, the latest first.
  private(set) var services: [Service] = []
  private(set) var known: [KnownName] = []
  private var question: Duration
  private var interval = DiscoveryLimits.pause
  private var lastAsked: Duration?
  /// The last question, as it was sent.
  private var lastQuestion: [UInt8] = []

  /// A service of a member.
  struct Service: Sendable {
    let instance: DomainName
    let device: Digest
    let port: UInt16
    let addresses: [IPAddress]
    var end: Duration
    /// When it is asked for again, before it is forgotten, and when after that.
    var refreshes: [Duration]
    var isTakenBack = false
  }

  /// The name of a service, whosever it is.
  struct KnownName: Sendable {
    let instance: DomainName
    var end: Duration
    /// Up to when nobody needs to say it again: half of the time that it holds (RFC 6762, §7.1).
    var half: Duration
  }

  /// A browser that has not asked yet.
  init(now: Duration, using generator: inout some RandomNumberGenerator) {
    question = now + .drawn(ofMs: DiscoveryLimits.answerMs, using: &generator)
  }

  /// When ``step(now:using:)`` is due.
  var deadline: Duration {
    services.reduce(question) { min($0, $1.end, $1.refreshes.first ?? $1.end) }
  }

  /// Where the members are to be had, by device, what was heard latest first.
  var sightings: [Sighting] {
    var kept: [Digest: [Sighting]] = [:]
    for service in services {
      for address in service.addresses {
        let sighting = Sighting(service.device, at: address, port: service.port)
        let others = kept[service.device, default: []]
        guard others.count < DiscoveryLimits.addressesMax, !others.contains(sighting) else { continue }
        kept[service.device, default: []].append(sighting)
      }
    }
    return kept.keys.sorted().flatMap { kept[$0, default: []] }
  }

  /// Begins to ask anew: somebody may have moved, or be known now who was a stranger before.
  mutating func searchAnew(now: Duration, using generator: inout some RandomNumberGenerator) {
    interval = DiscoveryLimits.pause
    let soon = now + .drawn(ofMs: DiscoveryLimits.answerMs, using: &generator)
    question = min(question, max(soon, lastAsked.map { $0 + DiscoveryLimits.pause } ?? soon))
  }

  /// Forgets whoever is no member any more, and all names: some were strangers' before, and to list only the others' in a question
  /// would say who belongs together.
  mutating func forget(but members: [Digest]) {
    services.removeAll { !members.contains($0.device) }
    known = []
  }

  /// Forgets all that was heard: it may be another network by now.
  mutating func forgetAll() {
    (services, known) = ([], [])
  }

  // MARK: Hearing

  /// Takes what somebody said. Of services of members it keeps those addresses that `isUsable` allows.
  mutating func hear(
    _ message: DNSMessage, _ membership: Membership, now: Duration, isUsable: (IPAddress) -> Bool,
    using generator: inout some RandomNumberGenerator
  ) {
    let records = message.answers + message.additionals
    var looked = 0
    for case (.pointer(let instance), let record) in records.map({ ($0.content, $0) })
    where record.name == .service && instance.isDirectly(within: .service) {
      looked += 1
      guard looked <= DiscoveryLimits.servicesPerMessageMax else { return }
      guard record.timeToLive > 0 else {
        end(instance, at: now + DiscoveryLimits.goodbye)
        continue
      }
      know(instance, for: .seconds(Int64(min(record.timeToLive, DiscoveryLimits.timeToLiveMax))), now: now)
      // Up to two hundredths later than others, so that not all who know it ask at once.
      let late = Int(generator.number(below: 21))
      if let service = Service(instance, in: records, membership, isUsable, now: now, late: late) { keep(service) }
    }
  }

  private mutating func end(_ instance: DomainName, at end: Duration) {
    known.removeAll { $0.instance == instance }
    for index in services.indices where services[index].instance == instance {
      services[index].end = min(services[index].end, end)
      services[index].refreshes = []
      services[index].isTakenBack = true
    }
  }

  private mutating func know(_ instance: DomainName, for span: Duration, now: Duration) {
    known.removeAll { $0.instance == instance || $0.end <= now }
    guard known.count < DiscoveryLimits.knownAnswersMax else { return }
    known.append(KnownName(instance: instance, end: now + span, half: now + span / 2))
  }

  /// Keeps a service as the one that was heard of last; those go first that were heard of longest ago.
  private mutating func keep(_ service: Service) {
    services.removeAll { $0.instance == service.instance }
    let ofDevice = services.indices.filter { services[$0].device == service.device }
    if ofDevice.count >= DiscoveryLimits.servicesPerDeviceMax, let last = ofDevice.last { services.remove(at: last) }
    if services.count >= DiscoveryLimits.servicesMax { services.removeLast() }
    services.insert(service, at: 0)
  }

  // MARK: Asking

  /// Forgets what does not hold any longer, and returns what is to be asked now.
  mutating func step(now: Duration, using generator: inout some RandomNumberGenerator) -> [[UInt8]] {
    let isLost = services.contains { $0.end <= now && !$0.isTakenBack }
    services.removeAll { $0.end <= now }
    // It may be there still: the answers may have been lost.
    if isLost { searchAnew(now: now, using: &generator) }
    var isDue = question <= now
    for index in services.indices {
      while let next = services[index].refreshes.first, next <= now {
        services[index].refreshes.removeFirst()
        isDue = true
      }
    }
    guard isDue else { return [] }
    if question <= now {
      question = now + interval + .drawn(ofMs: DiscoveryLimits.answerMs, using: &generator)
      interval = min(interval * 2, DiscoveryLimits.questionIntervalMax)
    }
    // What is due within a second of the last question was in its answer.
    guard lastAsked.map({ now - $0 >= DiscoveryLimits.pause }) ?? true else { return [] }
    lastAsked = now
    lastQuestion = ask(now: now).bytes
    return [lastQuestion]
  }

  /// Whether `bytes` from this machine are the echo of the last question.
  func isEcho(_ bytes: [UInt8], now: Duration) -> Bool {
    lastAsked.map { now - $0 < DiscoveryLimits.pause } == true && bytes == lastQuestion
  }

  private func ask(now: Duration) -> DNSMessage {
    let answers = known.filter { $0.half > now }.map { known in
      DNSRecord(
        .service, .pointer(known.instance), timeToLive: UInt32(clamping: (known.end - now).components.seconds),
        isFlush: false)
    }
    return DNSMessage(
      isResponse: false, questions: [DNSQuestion(.service, type: DNSNumbers.pointer)], answers: answers)
  }
}

extension Browser.Service {
  /// The service `instance` as `records` describe it, which holds from `now` on; nil unless a member announces it, and they say all
  /// there is to say. It is asked for again by so many thousandths of its time later than it has to be.
  fileprivate init?(
    _ instance: DomainName, in records: [DNSRecord], _ membership: Membership, _ isUsable: (IPAddress) -> Bool,
    now: Duration, late: Int
  ) {
    var (seconds, port, target) = (DiscoveryLimits.timeToLiveMax, UInt16(0), DomainName?.none)
    // The first alone: to tell whose it is takes a hash for each member.
    var text: ServiceText?
    for record in records where record.name == instance && record.timeToLive > 0 {
      switch record.content {
      case .service(_, _, let announced, let host) where target == nil:
        (port, target, seconds) = (announced, host, min(seconds, record.timeToLive))
      case .text(let strings) where text == nil:
        text = ServiceText(strings)
      default: break
      }
    }
    guard let target, port > 0, let device = text.flatMap(membership.author) else { return nil }
    var addresses: [IPAddress] = []
    for record in records where record.name == target && record.timeToLive > 0 {
      guard case .address(let address) = record.content, isUsable(address), !addresses.contains(address) else {
        continue
      }
      guard addresses.count < DiscoveryLimits.addressesMax else { break }
      addresses.append(address)
      seconds = min(seconds, record.timeToLive)
    }
    guard !addresses.isEmpty else { return nil }
    let span = Duration.seconds(Int64(seconds))
    self.init(
      instance: instance, device: device, port: port, addresses: addresses, end: now + span,
      refreshes: DiscoveryLimits.refreshes.map { now + span * ($0 * 10 + late) / 1_000 })
  }
}
