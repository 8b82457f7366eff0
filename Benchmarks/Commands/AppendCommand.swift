internal import Anabranch
internal import AnabranchStore
internal import ArgumentParser

/// Writes a corpus into a new replica, in a process of its own: its memory is that of writing.
struct AppendCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "append", abstract: "Writes a chat corpus into a new replica.", shouldDisplay: false)

  @OptionGroup var corpus: CorpusOptions

  @Option(help: "A folder for the replica, which is made.")
  var home: String

  func run() async throws {
    let report = corpus.report
    let messages = try CorpusFile.read(corpus.data, count: corpus.rows).dropLast(CorpusOptions.singles)
    let clock = CorpusClock()
    clock.set(messages.first?.created ?? 0)
    let home = Home(home)
    try await Replica.create(at: home, name: "a", surroundings: clock.surroundings).close()
    let replica = try await Replica.open(at: home, surroundings: clock.surroundings, durability: corpus.sync)
    var conversations: Conversations = [:]
    PeakMemory.restart()
    try report.value("rss_before", "B", PeakMemory.read() ?? 0)
    let stopwatch = Stopwatch()
    try await replica.say(messages, at: clock, batch: corpus.batch, in: &conversations)
    try report.time("append", stopwatch.lap())
    try report.value("rows", "rows", messages.count)
    try report.value("rss_append", "B", PeakMemory.read() ?? 0)
    try await replica.close()
    try report.value("db_bytes", "B", DatabaseFile.bytes(in: home.path))

    let again = try await Replica.open(at: home, surroundings: clock.surroundings, durability: corpus.sync)
    try await report.timing("index_all") { while try await again.indexStep() {} }
    try await again.close()
    try report.value("db_bytes_indexed", "B", DatabaseFile.bytes(in: home.path))
  }
}
