internal import Anabranch

/// A session's way out, in a simulated network.
struct SimulatedPort: LinkPort, @unchecked Sendable {
  let host: Host
  let network: Network
  let connection: Int
  let end: Int
  let peer: String

  func send(_ bytes: [UInt8]) {
    guard isAlive else { return }
    network.send(bytes, on: connection, from: end, holding: host.process?.store.vector ?? host.committed)
  }

  func close() {
    if isAlive { network.close(connection, end: end) }
  }

  func abort() {
    if isAlive { network.drop(connection, end: end, isSilent: false) }
  }

  /// What a process would do after it crashed is not done.
  private var isAlive: Bool { !host.disk.hasCrashed }
}
