public import AnabranchCore

/// Which of the devices that were found on the network are dialled, where, and when, so that there is mostly one connection with
/// each: of two that find each other the one with the smaller key dials at once, the other one only if nothing comes of that.
///
/// A device is dialled as long as it is found and there is no session with it, at one place after the other, the one that was
/// found last first; after a round in vain with growing pauses. A new place is tried soon, unless there have been so many in vain
/// that somebody may be making them up. `Place` is where somebody listens, in the host's terms.
public struct DialPlan<Place: Hashable & Sendable>: Sendable {
  /// How long the device with the greater key waits for the other one to dial.
  public static var yieldMax: Duration { .seconds(3) }
  /// Between the last time that a device was dialled and the first at a new place.
  public static var pauseMin: Duration { .seconds(1) }
  /// How often new places of a device are believed before that pause doubles with each further time, until there is a session.
  public static var movesMax: Int { 8 }
  /// The longest that it gets.
  public static var pauseMax: Duration { .seconds(60) }

  /// What is known of a device that is found, or has a session.
  private struct Device {
    var places: [Place] = []
    /// The places of this round that were not tried yet.
    var round: [Place] = []
    var sessions = 0
    /// Where it is being dialled.
    var dialledAt: Place?
    /// Whether a session came of the last dial.
    var isMet = false
    var due = Duration.zero
    var lastDial: Duration?
    /// How often it was said to be at new places, after it had been dialled, since there was a session.
    var moves = 0
    /// Whether it was dialled since.
    var isTried = false
    var backoff = Backoff()

    /// How long after the last dial a new place is tried.
    var pause: Duration {
      min(DialPlan.pauseMin * (1 << min(max(moves - DialPlan.movesMax, 0), 6)), DialPlan.pauseMax)
    }

    var isDialled: Bool { dialledAt != nil }

    var wantsDialling: Bool {
      sessions == 0 && !isDialled && !places.isEmpty
    }
  }

  private let own: Digest
  private var devices: [Digest: Device] = [:]

  /// The plan of the device `own`, to which nobody is known.
  public init(own: Digest) {
    self.own = own
  }

  /// When ``dials(now:)`` may have something to tell; nil for never.
  public var deadline: Duration? {
    devices.values.filter(\.wantsDialling).map(\.due).min()
  }

  // MARK: What happens

  /// Takes over where devices are to be had by now, the likeliest place of each first, and returns those that were nowhere to be
  /// had before. Who is not among them is not dialled any more.
  public mutating func found(_ found: [Digest: [Place]], now: Duration) -> [Digest] {
    let new = found.keys.filter { $0 != own && devices[$0]?.places.isEmpty != false }.sorted()
    for (device, places) in found where device != own {
      var known = devices[device] ?? Device()
      let new = places.filter { !known.places.contains($0) }
      known.places = places
      if !new.isEmpty {
        if known.isTried { (known.moves, known.isTried) = (min(known.moves + 1, 1_000), false) }
        known.round = new + places.filter { !new.contains($0) }
        known.backoff = Backoff()
        known.due = soonest(device, known, after: known.pause, now: now)
      } else {
        known.round.removeAll { !places.contains($0) }
      }
      devices[device] = known
    }
    for device in devices.keys where found[device] == nil {
      devices[device]?.places = []
      devices[device]?.round = []
      forget(device)
    }
    return new
  }

  /// This device has other addresses than before: what failed until now need not fail from there.
  public mutating func moved(now: Duration) {
    for (device, var known) in devices where known.wantsDialling {
      known.backoff = Backoff()
      known.due = soonest(device, known, after: Self.pauseMin, now: now)
      devices[device] = known
    }
  }

  /// A session with that device has begun, whoever dialled.
  public mutating func met(_ device: Digest) {
    devices[device, default: Device()].sessions += 1
    devices[device]?.isMet = true
  }

  /// One has ended.
  public mutating func parted(_ device: Digest, now: Duration) {
    guard var known = devices[device], known.sessions > 0 else { return }
    known.sessions -= 1
    if known.sessions == 0, !known.isDialled {
      // It was the other side that dialled, and may do so again.
      known.due = max(known.due, now + Self.yieldMax)
    }
    devices[device] = known
    forget(device)
  }

  /// What ``dials(now:)`` told is over, after a connection of so long, zero for none. Returns how long it waits until it dials that
  /// device again, as far as it is known by now; takes a number from `generator` unless there is another place to try.
  @discardableResult
  public mutating func dialled(
    _ device: Digest, held: Duration, now: Duration, using generator: inout some RandomNumberGenerator
  ) -> Duration {
    guard var known = devices[device] else { return .zero }
    known.dialledAt = nil
    if known.isMet { (known.round, known.moves) = ([], 0) }
    if known.round.isEmpty {
      known.round = known.places
      known.due = now + known.backoff.failed(after: held, using: &generator)
    }
    devices[device] = known
    forget(device)
    return max(known.due - now, .zero)
  }

  private mutating func forget(_ device: Digest) {
    guard let known = devices[device], known.places.isEmpty, known.sessions == 0, !known.isDialled else { return }
    devices[device] = nil
  }

  /// When a device is dialled at the earliest, so long after it was the last time.
  private func soonest(_ device: Digest, _ known: Device, after pause: Duration, now: Duration) -> Duration {
    max(now + (own < device ? .zero : Self.yieldMax), known.lastDial.map { $0 + pause } ?? now)
  }

  // MARK: What is to be done

  /// Where a device is dialled next, and when; nil for when as long as it is being dialled there. Nil for one that is nowhere to be
  /// had, or with which there is a session.
  public func dial(of device: Digest) -> (place: Place, due: Duration?)? {
    guard let known = devices[device] else { return nil }
    if let place = known.dialledAt { return (place, nil) }
    guard known.wantsDialling, let place = known.round.first ?? known.places.first else { return nil }
    return (place, known.due)
  }

  /// Whom to dial now, and where. Each is told of once, until ``dialled(_:held:now:using:)``.
  public mutating func dials(now: Duration) -> [(device: Digest, place: Place)] {
    var dials: [(device: Digest, place: Place)] = []
    for device in devices.keys.sorted() {
      guard var known = devices[device], known.wantsDialling, known.due <= now else { continue }
      if known.round.isEmpty { known.round = known.places }
      let place = known.round.removeFirst()
      dials.append((device, place))
      (known.dialledAt, known.isMet, known.isTried) = (place, false, true)
      known.lastDial = now
      devices[device] = known
    }
    return dials
  }
}
