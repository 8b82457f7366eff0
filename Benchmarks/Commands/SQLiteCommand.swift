internal import Anabranch
internal import ArgumentParser
internal import Foundation

/// The chat corpus into a replica, and from there into an empty one.
struct SQLiteCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sqlite", abstract: "Writes a chat corpus, and syncs it to an empty replica in another process.")

  @OptionGroup var corpus: CorpusOptions

  @OptionGroup var scratch: ScratchFolder

  @Option(help: "Whether everything goes to an empty replica afterwards: 1 or 0.")
  var merge = 1

  /// Messages that are pushed one at a time.
  private static let pushes = 300

  func run() async throws {
    defer { scratch.remove() }
    let writer = try PeerProcess(["append", "--home", scratch.path + "/a"] + corpus.arguments)
    try writer.passOn()
    if merge == 1 { try await copy(Home(scratch.path + "/a"), to: scratch.path + "/b") }
  }

  /// Brings everything to an empty replica in another process, and then one message after the other.
  private func copy(_ home: Home, to other: String) async throws {
    let report = corpus.report
    let replica = try await Replica.open(at: home)
    _ = try await replica.found()
    var conversations: [ObjectID] = []
    for _ in 0..<Self.pushes { conversations.append(try await replica.newConversation()) }
    let server = try await replica.serve(on: "127.0.0.1:0")
    PeakMemory.restart()
    let invitation = try await replica.invite()
    let admitting = Task { try await replica.admit(by: invitation) }
    let peer = try PeerProcess(
      [
        "peer", "--home", other, "--address", server.address, "--code", "\(invitation.code)", "--live", "\(Self.pushes)",
      ])
    let exchange = try peer.value(PeerCommand.Exchange.self)
    _ = try await admitting.value
    try report.time("sync_all", Lap(wall: exchange.wall, cpu: exchange.cpu))
    try report.value("rss_merge", "B", max(PeakMemory.read() ?? 0, exchange.peak))
    try report.value("db_bytes_merged", "B", exchange.databaseBytes)
    try report.time("index_merged", Lap(wall: exchange.indexed, cpu: exchange.indexed))
    // Letting the other one in is a part of the history, too.
    let hash = try await replica.status().stateHash
    try report.value("converged", "bool", exchange.stateHash == "\(hash)" ? 1 : 0)
    try await pushSingles(into: conversations, of: replica, to: peer, report)
    await server.stop()
    try await replica.close()
  }

  private func pushSingles(
    into conversations: [ObjectID], of replica: Replica, to peer: PeerProcess, _ report: Report
  ) async throws {
    guard try peer.line() == "ready" else { throw ValidationError("expected the other process to be ready") }
    for (message, conversation) in zip(GeneratedChat(messages: Self.pushes, bytes: 384...384), conversations) {
      let written = "\(Monotonic.seconds()) "
      try await replica.say(written + message.body.dropFirst(written.count), in: conversation)
      try await Task.sleep(for: .milliseconds(20))
    }
    let session = try peer.value(PeerCommand.Session.self)
    peer.wait()
    let laps = session.latencies.map { Lap(wall: $0, cpu: $0) }
    try report.median("delta_push", laps)
    try report.percentile(99, of: "delta_push", laps)
    try report.value("delta_bytes", "B", session.bytes / Self.pushes)
  }
}
