internal import Anabranch

/// What `metrics --json` prints.
struct MetricsReport: Codable, Sendable {
  /// What is known of another device.
  struct Peer: Codable, Sendable {
    var device: String
    var lacks: UInt64
    /// Milliseconds since 1970.
    var contact: Int64
  }

  /// Whether a daemon answered; what went over connections is its own.
  var served: Bool
  var connections: Int
  var sessions: Int
  var accepted: UInt64
  var dialled: UInt64
  var sessionsBegun: UInt64
  var sessionsBroken: UInt64
  var unproven: UInt64
  var sentBytes: UInt64
  var receivedBytes: UInt64
  var sentChanges: UInt64
  var receivedChanges: UInt64
  var logs: Int
  var changes: UInt64
  var unproved: UInt64
  var unindexed: UInt64
  var databaseBytes: UInt64
  var journalBytes: UInt64
  var peers: [Peer]

  init(_ metrics: ReplicaMetrics, isServed: Bool) {
    let traffic = metrics.traffic
    served = isServed
    (connections, sessions) = (metrics.connections, metrics.sessions)
    (accepted, dialled) = (traffic.accepted, traffic.dialled)
    (sessionsBegun, sessionsBroken, unproven) = (traffic.sessions, traffic.broken, traffic.unproven)
    (sentBytes, receivedBytes) = (traffic.sentBytes, traffic.receivedBytes)
    (sentChanges, receivedChanges) = (traffic.sentChanges, traffic.receivedChanges)
    (logs, changes) = (metrics.logs, metrics.changes)
    (unproved, unindexed) = (metrics.unproved, metrics.unindexed)
    (databaseBytes, journalBytes) = (metrics.databaseBytes, metrics.journalBytes)
    peers = metrics.peers.map { Peer(device: $0.device.description, lacks: $0.lacks, contact: $0.contact) }
  }
}

extension MetricsReport {
  /// The same in Prometheus' text format, version 0.0.4.
  var exposition: String {
    var text = Exposition()
    text.gauge("serving", "Whether a daemon serves the replica.", served ? 1 : 0)
    text.gauge("connections", "Connections that stand.", connections)
    text.gauge("sessions", "Those whose other side proved to be a member.", sessions)
    text.counter(
      "connections_total", "Connections since the daemon started.", by: "direction", ("in", accepted), ("out", dialled))
    text.counter("sessions_total", "Sessions with members that began.", sessionsBegun)
    text.counter("sessions_broken_total", "Sessions that ended otherwise than in good order.", sessionsBroken)
    text.counter("connections_unproven_total", "Connections that ended before anybody proved to be a member.", unproven)
    text.counter(
      "sync_bytes_total", "Bytes over connections.", by: "direction", ("sent", sentBytes), ("received", receivedBytes))
    text.counter(
      "sync_changes_total", "Changes over connections.", by: "direction", ("sent", sentChanges),
      ("received", receivedChanges))
    text.gauge("logs", "Logs that are known.", logs)
    text.gauge("changes", "Changes that are held.", changes)
    text.gauge("changes_unproved", "Changes that wait for a signature before they are passed on.", unproved)
    text.gauge("changes_unindexed", "Changes that the search's index does not cover yet.", unindexed)
    text.gauge(
      "database_bytes", "Bytes on the disk.", by: "file", ("main", databaseBytes), ("journal", journalBytes))
    text.gauge(
      "peer_lacks_changes", "Changes that another device is not known to hold.", by: "device",
      peers.map { ($0.device, $0.lacks) })
    text.gauge(
      "peer_contact_seconds", "When another device was last met, in seconds since 1970.", by: "device",
      peers.map { ($0.device, max(0, $0.contact) / 1_000) })
    return text.lines
  }
}

/// Lines of Prometheus' text format. Names and labels are ours, so nothing in them needs escaping.
private struct Exposition {
  private(set) var lines = ""

  mutating func counter(_ name: String, _ help: String, _ value: UInt64) {
    add("counter", name, help, [("", value)])
  }

  mutating func counter(_ name: String, _ help: String, by label: String, _ values: (String, UInt64)...) {
    add("counter", name, help, values.map { ("{\(label)=\"\($0.0)\"}", $0.1) })
  }

  mutating func gauge(_ name: String, _ help: String, _ value: some BinaryInteger) {
    add("gauge", name, help, [("", value)])
  }

  mutating func gauge(_ name: String, _ help: String, by label: String, _ values: (String, UInt64)...) {
    gauge(name, help, by: label, values)
  }

  mutating func gauge(_ name: String, _ help: String, by label: String, _ values: [(String, some BinaryInteger)]) {
    add("gauge", name, help, values.map { ("{\(label)=\"\($0.0)\"}", $0.1) })
  }

  private mutating func add(_ type: String, _ name: String, _ help: String, _ values: [(String, some BinaryInteger)]) {
    guard !values.isEmpty else { return }
    lines += "# HELP anabranch_\(name) \(help)\n# TYPE anabranch_\(name) \(type)\n"
    for (label, value) in values { lines += "anabranch_\(name)\(label) \(value)\n" }
  }
}
