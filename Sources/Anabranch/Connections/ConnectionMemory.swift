internal import AnabranchCore

/// How the last connection with each device and each address ended, and which addresses are dialled: for as long as a replica is
/// open. None of it is kept on the disk.
struct ConnectionMemory {
  /// An address that a server dials again and again, as it was told to.
  struct Target {
    /// Who was there last, since the server began.
    var device: Digest?
    /// When it is dialled next; nil while it is.
    var due: Duration?
  }

  /// What a server was told to dial.
  private(set) var targets: [String: Target] = [:]
  private var byDevice: [Digest: ConnectionEnding] = [:]
  private var byAddress: [String: ConnectionEnding] = [:]

  /// Addresses of which the end is remembered. Only those count that this device's person named: what is found on a network is
  /// remembered by device.
  static let addressesMax = 256

  // MARK: What happens

  /// A server begins to dial those.
  mutating func begin(_ addresses: [String]) {
    for address in addresses { targets[address] = Target() }
  }

  /// It ends.
  mutating func endTargets() {
    targets = [:]
  }

  /// A target is dialled next at `due`; nil for now.
  mutating func arrange(_ address: String, due: Duration?) {
    targets[address]?.due = due
  }

  /// Who is at an address that this device dialled has proved to be `device`.
  mutating func prove(_ device: Digest, at address: String) {
    targets[address]?.device = device
  }

  /// A connection ended: with `device`, or, where that is not known, with whoever is at its address.
  mutating func note(_ ending: ConnectionEnding, with device: Digest?) {
    if let device {
      byDevice[device] = ending
    } else if ending.isDialled {
      byAddress[ending.address] = ending
      guard byAddress.count > Self.addressesMax else { return }
      let oldest = byAddress.min { ($0.value.time, $0.key) < ($1.value.time, $1.key) }
      if let oldest { byAddress[oldest.key] = nil }
    }
  }

  // MARK: What is known

  /// The targets at which a device is looked for: those where it was since the server began, or before at `last`.
  func targets(of device: Digest, metAt last: String?) -> [(address: String, due: Duration?)] {
    targets.filter { address, target in target.device.map { $0 == device } ?? (address == last) }
      .map { ($0.key, $0.value.due) }.sorted { $0.address < $1.address }
  }

  /// How the last connection with a device ended, or with one of those addresses, where it is looked for.
  func ending(of device: Digest, at addresses: [String]) -> ConnectionEnding? {
    let endings = [byDevice[device]].compactMap { $0 } + addresses.compactMap { byAddress[$0] }
    return endings.enumerated().max { ($0.element.time, $1.offset) < ($1.element.time, $0.offset) }?.element
  }

  /// How the last connection with an address ended.
  func ending(at address: String) -> ConnectionEnding? {
    byAddress[address]
  }
}
