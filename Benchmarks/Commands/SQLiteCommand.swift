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

  func run() async throws {
    let messages = try CorpusFile.read(data, count: rows)
    let report = Report(bench: "sqlite", configuration: "\(sync.rawValue)-batch\(batch)-rows\(rows)")
    let body = messages.dropLast(Self.singles)

    let folder = dir + "/anabranch-bench-\(ProcessInfo.processInfo.processIdentifier)"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let home = Home(folder + "/a")
    let clock = CorpusClock()
    clock.set(messages.first?.created ?? 0)
    try await Replica.create(at: home, name: "a", surroundings: clock.surroundings).close()
    let replica = try await Replica.open(at: home, surroundings: clock.surroundings, durability: sync)
    var conversations: Conversations = [:]
    try report.value("rss_before", "B", PeakMemory.read() ?? 0)
    let stopwatch = Stopwatch()
    try await replica.say(body, at: clock, batch: batch, in: &conversations)
    try report.time("append", stopwatch.lap())
    try report.value("rows", "rows", body.count)
    try report.value("rss_append", "B", PeakMemory.read() ?? 0)
    try await replica.close()
    let size = try FileManager.default.attributesOfItem(atPath: home.path + "/history.sqlite")[.size] as? Int
    try report.value("db_bytes", "B", size ?? 0)
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
