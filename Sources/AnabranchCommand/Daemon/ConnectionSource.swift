internal import Anabranch

/// Where it is known with whom a replica is connected just now: that is on no disk.
enum ConnectionSource: Sendable {
  /// The daemon that serves it has said so.
  case daemon(ConnectionsReport)
  /// Nobody writes it, so nobody serves it.
  case nobody
  /// It is a database file.
  case file
  /// Another process writes it, and does not tell; why, in words.
  case silent(String)

  /// Asks whoever serves the replica in `home`; nil for a file.
  static func ask(_ home: Home?) async -> ConnectionSource {
    guard let home else { return .file }
    guard let channel = await ControlSocket.daemon(of: home) else {
      return Replica.writer(of: home).map { .silent($0.isEmpty ? "another process writes here" : "\($0), writes here") }
        ?? .nobody
    }
    do {
      let response = try await Writing.handOver(.connections, on: channel) { _ in }
      guard let report = response.connections else { throw Writing.unexpected }
      return .daemon(report)
    } catch {
      return .silent(Failure(error)?.message ?? "\(error)")
    }
  }

  /// How a device stands to this one.
  func connection(with device: DeviceRecord) -> ConnectionReport {
    if case .daemon(let report) = self, let known = report.devices[device.device.description] { return known }
    if device.isKeptOut { return ConnectionReport(.removed) }
    if case .nobody = self { return ConnectionReport(.notServed) }
    return ConnectionReport(.unknown)
  }

  /// What a device has said to the daemon that it holds.
  func known(of device: Digest) -> VersionVector {
    if case .daemon(let report) = self { report.known(of: device) } else { VersionVector() }
  }
}
