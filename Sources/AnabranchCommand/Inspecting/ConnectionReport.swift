internal import Anabranch

/// How another device stands to this one just now, as `inspect peers --json` prints it, and as it crosses the daemon's socket.
struct ConnectionReport: Codable, Sendable {
  /// What there is of a connection.
  enum State: String, Codable, Sendable {
    case connected, dialling, waiting
    case notDialled = "not-dialled"
    case removed
    case cutOff = "cut-off"
    /// Nobody serves the replica.
    case notServed = "not-served"
    /// It is a file, or who serves it does not tell.
    case unknown
  }

  var state: State
  /// Where the two are connected, or where it is dialled; null for nowhere.
  @Nullable var address: String?
  /// Since when they are connected.
  @Nullable var since: String?
  /// Whether this device dialled the connection that stands.
  @Nullable var dialled: Bool?
  /// In how long it is dialled again.
  @Nullable var retryMs: Int64?
  /// Of one that is not dialled, whether devices are looked for on this machine's networks.
  @Nullable var discovery: Bool?
  /// How the last connection ended.
  @Nullable var last: EndingReport?
  /// Of one that is not dialled, addresses that are and where it might be: nobody was met at them.
  var unmet: [UnmetReport] = []

  init(_ state: State) {
    self.state = state
  }
}

/// How a connection ended, or why none came about.
struct EndingReport: Codable, Sendable {
  var cause: String
  var reason: String
  var address: String
  var dialled: Bool
  var time: String

  init(_ ending: ConnectionEnding) {
    (cause, reason, address) = (ending.cause.rawValue, ending.reason, ending.address)
    (dialled, time) = (ending.isDialled, Moment.text(ending.time))
  }
}

/// An address that is dialled, and of which it is not known who is there.
struct UnmetReport: Codable, Sendable {
  var address: String
  @Nullable var retryMs: Int64?
  @Nullable var last: EndingReport?
}

/// What the daemon knows of connections with other devices.
struct ConnectionsReport: Codable, Sendable {
  /// By the devices' keys.
  var devices: [String: ConnectionReport] = [:]
  /// What those that are connected have said on that connection that they hold: by device, of each log the last change.
  private var known: [String: [String: UInt32]] = [:]

  init(_ status: ConnectionStatus) {
    let unmet = status.unmet.map {
      UnmetReport(
        address: $0.address, retryMs: $0.retry.map(Self.milliseconds), last: $0.ending.map { EndingReport($0) })
    }
    for device in status.devices {
      let key = device.device.description
      var report = ConnectionReport(.notDialled)
      switch device.state {
      case .connected(let address, let isDialled, let since, let vector):
        (report.state, report.address, report.dialled) = (.connected, address, isDialled)
        report.since = Moment.text(since)
        known[key] = Dictionary(vector.entries.map { ($0.log.description, $0.sequence) }) { first, _ in first }
      case .dialling(let address):
        (report.state, report.address) = (.dialling, address)
      case .waiting(let address, let retry):
        (report.state, report.address, report.retryMs) = (.waiting, address, Self.milliseconds(retry))
      case .notDialled:
        (report.discovery, report.unmet) = (status.isDiscovering, unmet)
      case .removed:
        report.state = .removed
      case .cutOff:
        report.state = .cutOff
      }
      report.last = device.ending.map { EndingReport($0) }
      devices[key] = report
    }
  }

  private static func milliseconds(_ duration: Duration) -> Int64 {
    Int64(duration / .milliseconds(1))
  }

  /// What a device has said on the connection that stands with it; nothing without one.
  func known(of device: Digest) -> VersionVector {
    VersionVector(
      (known[device.description] ?? [:]).compactMap { log, sequence in
        Hexadecimal.decode(log).flatMap { Bytes16($0) }.map { (LogID($0), sequence) }
      })
  }
}
