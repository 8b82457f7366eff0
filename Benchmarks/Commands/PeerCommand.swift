internal import Anabranch
internal import ArgumentParser
internal import Foundation

/// The other replica of a measurement, in a process of its own.
struct PeerCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "peer", abstract: "The other replica of a measurement.", shouldDisplay: false)

  @Option(help: "A folder for the replica, which is made.")
  var home: String

  @Option(help: "Where the first replica listens.")
  var address: String

  @Option(help: "By which it lets this one in.")
  var code: String

  @Option(help: "After the exchange, stays connected until so many messages have come.")
  var live = 0

  /// What is told of the exchange: everything to an empty replica, durable at the end.
  struct Exchange: Codable {
    var wall: Double
    var cpu: Double
    var peak: Int
    var stateHash: String
    var databaseBytes: Int
    var indexed: Double
  }

  /// What is told of a live session.
  struct Session: Codable {
    /// From when a message was about to be written until it was there and durable, in seconds.
    var latencies: [Double]
    /// Bytes that both sides wrote meanwhile.
    var bytes: Int
  }

  func run() async throws {
    let replica = try await Replica.create(at: Home(home), name: "b")
    PeakMemory.restart()
    let stopwatch = Stopwatch()
    try await replica.join(PairingCode(code))
    let lap = stopwatch.lap()
    let peak = PeakMemory.read() ?? 0
    // The log's file stays as large as it was, for what is written next.
    try await replica.checkpoint()
    let databaseBytes = DatabaseFile.bytes(in: home, log: false)
    let indexing = Stopwatch()
    while try await replica.indexStep() {}
    try PeerProcess.tell(
      Exchange(
        wall: lap.wall, cpu: lap.cpu, peak: peak, stateHash: "\(await replica.status().stateHash)",
        databaseBytes: databaseBytes, indexed: indexing.lap().wall))
    if live > 0 { try PeerProcess.tell(try await follow(replica)) }
    try await replica.close()
  }

  private func follow(_ replica: Replica) async throws -> Session {
    let changes = replica.changes
    let server = try await replica.serve(on: "127.0.0.1:0", peers: [address])
    var events = server.events.makeAsyncIterator()
    var before = 0
    while before == 0, let event = await events.next() {
      if case .caughtUp(_, let summary) = event { before = Int(summary.sentBytes + summary.receivedBytes) }
    }
    FileHandle.standardOutput.write(Data("ready\n".utf8))
    var latencies: [Double] = []
    for await change in changes where change.isRemote {
      for conversation in change.conversations {
        guard let text = try await replica.messages(of: conversation).last?.text,
          let written = Double(text.prefix { $0 != " " })
        else { continue }
        latencies.append(Monotonic.seconds() - written)
      }
      if latencies.count >= live { break }
    }
    await server.stop()
    var bytes = 0
    while let event = await events.next() {
      if case .disconnected(_, let summary, _) = event {
        bytes = Int(summary.sentBytes + summary.receivedBytes) - before
      }
    }
    return Session(latencies: latencies, bytes: bytes)
  }
}
