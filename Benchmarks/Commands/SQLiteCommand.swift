internal import Anabranch
internal import AnabranchStore
internal import ArgumentParser
internal import Foundation

/// The chat corpus into a replica, and from there into an empty one.
struct SQLiteCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sqlite", abstract: "Writes a chat corpus, and syncs it to an empty replica in another process.")

  @Option(help: "The corpus: id, conversation, role, milliseconds and text of a message a line, between tabs.")
  var data: String

  @Option(help: "A folder for scratch files.")
  var dir = "/tmp"

  @Option(help: "How hard a commit is pressed onto the disk: FULL or NORMAL.", transform: Self.durability)
  var sync = Store.Durability.normal

  @Option(help: "Messages in one transaction.")
  var batch = 1

  @Option(help: "How many messages are read; the last 20 are kept for single ones.")
  var rows = 100_000

  @Option(help: "Whether everything goes to an empty replica afterwards: 1 or 0.")
  var merge = 1

  func run() async throws {
    let messages = try CorpusFile.read(data, count: rows)
    let report = Report(bench: "sqlite", configuration: "\(sync.rawValue)-batch\(batch)-rows\(rows)")
    let folder = dir + "/anabranch-bench-\(ProcessInfo.processInfo.processIdentifier)"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let home = Home(folder + "/a")
    try await append(messages.dropLast(Self.singles), to: home, report)
    if merge == 1 { try await copy(home, to: folder + "/b", messages.suffix(Self.singles), report) }
  }

  /// Writes the corpus into a new replica.
  private func append(_ messages: ArraySlice<Message>, to home: Home, _ report: Report) async throws {
    let clock = CorpusClock()
    clock.set(messages.first?.created ?? 0)
    try await Replica.create(at: home, name: "a", surroundings: clock.surroundings).close()
    let replica = try await Replica.open(at: home, surroundings: clock.surroundings, durability: sync)
    var conversations: Conversations = [:]
    PeakMemory.restart()
    try report.value("rss_before", "B", PeakMemory.read() ?? 0)
    let stopwatch = Stopwatch()
    try await replica.say(messages, at: clock, batch: batch, in: &conversations)
    try report.time("append", stopwatch.lap())
    try report.value("rows", "rows", messages.count)
    try report.value("rss_append", "B", PeakMemory.read() ?? 0)
    try await replica.close()
    try report.value("db_bytes", "B", DatabaseFile.bytes(in: home.path))

    let indexed = try await Replica.open(at: home, surroundings: clock.surroundings, durability: sync)
    let indexing = Stopwatch()
    while try await indexed.indexStep() {}
    try report.time("index_all", indexing.lap())
    try await indexed.close()
    try report.value("db_bytes_indexed", "B", DatabaseFile.bytes(in: home.path))
  }

  /// Brings everything to an empty replica in another process, and then one message after the other.
  private func copy(
    _ home: Home, to other: String, _ messages: ArraySlice<Message>, _ report: Report
  ) async throws {
    let replica = try await Replica.open(at: home)
    let hash = try await replica.status().stateHash
    let server = try await replica.serve(on: "127.0.0.1:0")
    PeakMemory.restart()
    let peer = try PeerProcess(
      ["peer", "--home", other, "--address", server.address, "--live", "\(messages.count)"])
    let exchange = try peer.value(PeerCommand.Exchange.self)
    try report.time("sync_all", Lap(wall: exchange.wall, cpu: exchange.cpu))
    try report.value("rss_merge", "B", max(PeakMemory.read() ?? 0, exchange.peak))
    try report.value("db_bytes_merged", "B", exchange.databaseBytes)
    try report.time("index_merged", Lap(wall: exchange.indexed, cpu: exchange.indexed))
    try report.value("converged", "bool", exchange.stateHash == "\(hash)" ? 1 : 0)

    var conversations: [ObjectID] = []
    for _ in messages { conversations.append(try await replica.newConversation()) }
    guard try peer.line() == "ready" else { throw ValidationError("expected the other process to be ready") }
    for (message, conversation) in zip(messages, conversations) {
      let written = "\(Monotonic.seconds()) "
      try await replica.say(written + message.body.dropFirst(written.count), in: conversation)
      try await Task.sleep(for: .milliseconds(20))
    }
    let session = try peer.value(PeerCommand.Session.self)
    peer.wait()
    try report.median("delta_push", session.latencies.map { Lap(wall: $0, cpu: $0) })
    try report.value("delta_bytes", "B", session.bytes / max(messages.count, 1))
    await server.stop()
    try await replica.close()
  }

  private static func durability(_ text: String) throws -> Store.Durability {
    guard let level = Store.Durability(rawValue: text) else {
      throw ValidationError("expected FULL or NORMAL, got \(text)")
    }
    return level
  }

  /// Messages that are kept for one at a time.
  private static let singles = 20
}
