internal import Anabranch

/// A session's way out, in a simulated network.
struct SimulatedPort: LinkPort, @unchecked Sendable {
  let network: Network
  let connection: Int
  let end: Int
  let peer: String

  func send(_ bytes: [UInt8]) { network.send(bytes, on: connection, from: end) }

  func close() { network.close(connection, end: end) }

  func abort() { network.drop(connection, end: end, isSilent: false) }
}
