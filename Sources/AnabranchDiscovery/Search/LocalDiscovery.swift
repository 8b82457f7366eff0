/// Announces a device on one interface, and looks there for the other devices of its space: DNS-SD (RFC 6763) over multicast DNS
/// (RFC 6762), as a state machine.
///
/// Its host gives it what comes, from the link of this interface alone, and the time, and sends what it wants sent to the group,
/// from the group's port. It does no more than that needs: it asks nobody whether its names are taken, answers everybody at once
/// by multicast, and knows no services but those of Anabranch.
public struct LocalDiscovery: Sendable {
  /// Something that happened.
  public enum Event: Sendable {
    /// The interface has these addresses, and others reach this device at those of them that are `offered`; none, and it only
    /// looks for others.
    case addresses([InterfaceAddress], offered: [IPAddress])
    /// Who belongs to the space has changed.
    case membership(Membership)
    /// A packet came to the group, from the group's port at that address.
    case received([UInt8], from: IPAddress)
    /// Somebody is missed.
    case missed
    /// The deadline is over.
    case timer
    /// The program ends, or does not want to be found any more. Nothing comes after it.
    case stopped
  }

  /// Something to be done.
  public enum Effect: Hashable, Sendable {
    /// Send this to the group.
    case send([UInt8])
    /// All that is found by now, by device, for each what was heard latest first.
    case found([Sighting])
  }

  /// When the machine wants ``Event/timer``.
  public var deadline: Duration? {
    isStopped ? nil : min(browser.deadline, responder.deadline ?? browser.deadline)
  }

  private(set) var responder: Responder
  private(set) var browser: Browser
  private var membership: Membership
  private var addresses: [InterfaceAddress] = []
  private var told: [Sighting] = []
  private var isStopped = false
  /// The second that messages are counted in, and how many came in it.
  private var counted = (second: Int64(0), messages: 0)

  /// The machine for an interface of `membership`'s device, which listens at `port`.
  public init(
    _ membership: Membership, port: UInt16, now: Duration, using generator: inout some RandomNumberGenerator
  ) {
    self.membership = membership
    responder = Responder(membership, port: port, using: &generator)
    browser = Browser(now: now, using: &generator)
  }

  /// Takes a step, and returns what is to be done, in order.
  public mutating func handle(
    _ event: Event, now: Duration, using generator: inout some RandomNumberGenerator
  ) -> [Effect] {
    guard !isStopped else { return [] }
    var packets: [[UInt8]] = []
    switch event {
    case .addresses(let all, let offered):
      move(to: all, offered, now: now, using: &generator)
    case .membership(let changed):
      packets = become(changed, now: now, using: &generator)
    case .received(let bytes, let source):
      // Who is not on this link cannot be reached there either (RFC 6762, §11).
      guard isOnLink(source), isCounted(now: now), let message = try? DNSMessage(reading: bytes) else { return [] }
      guard message.isResponse || !isEcho(bytes, from: source, now: now) else { return [] }
      hear(message, from: source, now: now, using: &generator)
    case .missed:
      browser.searchAnew(now: now, using: &generator)
    case .timer:
      packets = browser.step(now: now, using: &generator) + responder.say(now: now)
    case .stopped:
      isStopped = true
      return responder.goodbye().map(Effect.send)
    }
    let found = browser.sightings
    defer { told = found }
    return packets.map(Effect.send) + (found == told ? [] : [.found(found)])
  }

  private mutating func move(
    to all: [InterfaceAddress], _ offered: [IPAddress], now: Duration, using generator: inout some RandomNumberGenerator
  ) {
    let (before, isNew) = (addresses, Set(all) != Set(addresses))
    addresses = all
    responder.move(to: offered, membership, now: now, using: &generator)
    guard isNew else { return }
    // Whoever was heard of where this device had other addresses may not be on this network, and is not to be told of there.
    if !before.allSatisfy(all.contains) { browser.forgetAll() }
    browser.searchAnew(now: now, using: &generator)
  }

  private mutating func become(
    _ changed: Membership, now: Duration, using generator: inout some RandomNumberGenerator
  ) -> [[UInt8]] {
    let before = membership
    membership = changed
    browser.forget(but: changed.space == before.space ? changed.others : [])
    if changed.others.contains(where: { !before.others.contains($0) }) || changed.space != before.space {
      browser.searchAnew(now: now, using: &generator)
    }
    guard (changed.space, changed.own) != (before.space, before.own) else { return [] }
    return responder.become(changed, now: now, using: &generator)
  }

  private mutating func hear(
    _ message: DNSMessage, from source: IPAddress, now: Duration, using generator: inout some RandomNumberGenerator
  ) {
    guard message.isResponse else {
      return responder.hear(question: message, from: source, now: now, using: &generator)
    }
    responder.hear(response: message, now: now, using: &generator)
    let isUsable = { [addresses] (address: IPAddress) in
      address.isOfDevice && addresses.contains { $0.reaches(address) }
    }
    browser.hear(message, membership, now: now, isUsable: isUsable, using: &generator)
  }

  /// Whether it is the last question of this device itself.
  private func isEcho(_ bytes: [UInt8], from source: IPAddress, now: Duration) -> Bool {
    addresses.contains { $0.address == source } && browser.isEcho(bytes, now: now)
  }

  private func isOnLink(_ address: IPAddress) -> Bool {
    addresses.contains { $0.reaches(address) }
  }

  /// Whether one more message is taken within this second.
  private mutating func isCounted(now: Duration) -> Bool {
    let second = now.components.seconds
    if counted.second != second { counted = (second, 0) }
    counted.messages += 1
    return counted.messages <= DiscoveryLimits.messagesPerSecondMax
  }
}
