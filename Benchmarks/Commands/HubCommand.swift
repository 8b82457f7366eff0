internal import Anabranch
internal import ArgumentParser
internal import Foundation

/// The daemon to which many devices are connected, in a process of its own, until they all have gone.
struct HubCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "hub", abstract: "The daemon of a measurement.", shouldDisplay: false)

  @Option(help: "The folder of its replica.")
  var home: String

  @Option(name: .long, parsing: .singleValue, help: "Where the devices listen.")
  var peer: [String]

  /// What is told once all are connected and have rested.
  struct Idle: Codable {
    var address: String
    var sessions: Int
    var memoryAlone: Int
    var memory: Int
  }

  /// What is told when they have gone.
  struct End: Codable {
    var peak: Int
  }

  /// How long nothing happens before the memory is read.
  private static let rest = Duration.seconds(3)

  func run() async throws {
    let replica = try await Replica.open(at: Home(home))
    let alone = PeakMemory.now() ?? 0
    let server = try await replica.serve(on: "127.0.0.1:0", peers: peer)
    let gone = Task {
      var (equal, gone) = (0, 0)
      for await event in server.events {
        switch event {
        case .caughtUp:
          equal += 1
          if equal == peer.count { Task { try await tellIdle(replica, server.address, alone) } }
        case .unreachable: gone += 1
        default: break
        }
        if gone >= peer.count { return }
      }
    }
    await gone.value
    await server.stop()
    try await replica.close()
    try PeerProcess.tell(End(peak: PeakMemory.read() ?? 0))
  }

  private func tellIdle(_ replica: Replica, _ address: String, _ alone: Int) async throws {
    try await Task.sleep(for: Self.rest)
    PeakMemory.restart()
    try PeerProcess.tell(
      Idle(
        address: address, sessions: await replica.metrics().sessions, memoryAlone: alone, memory: PeakMemory.now() ?? 0))
  }
}
