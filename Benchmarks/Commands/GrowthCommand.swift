internal import Anabranch
internal import ArgumentParser
internal import Foundation

/// What everything costs in histories of growing size.
struct GrowthCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "growth", abstract: "Writes a generated history, and measures what things cost as it grows.")

  @Option(help: "Messages in all.")
  var messages = 1_000_000

  @OptionGroup var scratch: ScratchFolder

  @Option(help: "The command `anabranch`, to be timed as a whole process.")
  var program: String?

  @Option(help: "Make the replica here, and keep it.")
  var keep: String?

  private var folder: String {
    keep ?? scratch.path
  }

  func run() async throws {
    defer { if keep == nil { scratch.remove() } }
    let home = Home(folder)
    let clock = CorpusClock()
    try await Replica.create(at: home, name: "growth", surroundings: clock.surroundings).close()
    var conversations: Conversations = [:]
    var chat = GeneratedChat(messages: messages)
    var written = 0
    while written < messages {
      let size = min(messages, max(10_000, written * 10))
      let replica = try await Replica.open(at: home, surroundings: clock.surroundings, durability: .normal)
      var spent = Lap(wall: 0, cpu: 0)
      let count = size - written
      while written < size {
        var piece: [Message] = []
        while piece.count < min(1_000, size - written), let message = chat.next() { piece.append(message) }
        let stopwatch = Stopwatch()
        try await replica.say(piece[...], at: clock, batch: 1_000, in: &conversations)
        spent += stopwatch.lap()
        written += piece.count
      }
      let report = Report(bench: "growth", configuration: "\(size)")
      try report.time("append_batch", spent / Double(count))
      try await measure(replica, of: size, clock, &conversations, report)
      try await replica.close()
      try report.value("db_bytes_per_message", "B", DatabaseFile.bytes(in: folder) / size)
      try wholeProcesses(report, conversations["conversation-0"])
    }
  }

  private func measure(
    _ replica: Replica, of size: Int, _ clock: CorpusClock, _ conversations: inout Conversations, _ report: Report
  ) async throws {
    let indexing = Stopwatch()
    var steps = 0
    while try await replica.indexStep() { steps += 1 }
    try report.time("index_step", indexing.lap() / Double(max(1, steps)))
    var single: [Lap] = []
    for message in GeneratedChat(messages: 500, seed: 2, name: "single-\(size)") {
      let stopwatch = Stopwatch()
      try await replica.say([message][...], at: clock, batch: 1, in: &conversations)
      single.append(stopwatch.lap())
    }
    try report.median("append", single)
    try report.percentile(99, of: "append", single)
    try await writeBesideHousekeeping(replica, of: size, clock, &conversations, report)
    while try await replica.indexStep() {}
    guard let conversation = conversations["conversation-0"] else { return }
    try await report.timing("list_100") { _ = try await replica.conversations(limit: 100) }
    try await report.timing("read_500") { _ = try await replica.messages(of: conversation) }
    try await report.timing("search") { _ = try await replica.search("baba") }
    try await report.timing("status") { _ = try await replica.status() }
    try await purge(replica, clock, &conversations, report)
    try report.value("rss_peak", "B", PeakMemory.read() ?? 0)
  }

  /// Takes a conversation away: until it is hidden, until no byte of it is left, and the longest step of that, for which
  /// a write would have waited.
  private func purge(
    _ replica: Replica, _ clock: CorpusClock, _ conversations: inout Conversations, _ report: Report
  ) async throws {
    // Its messages lie everywhere in the history, and so in every shard of the index.
    guard let conversation = conversations.removeValue(forKey: "conversation-1") else { return }
    let purge = Stopwatch()
    try await replica.purge(conversation, immediately: true)
    try report.time("purge", purge.lap())
    let erasure = Stopwatch()
    var longest = Lap(wall: 0, cpu: 0)
    while true {
      let step = Stopwatch()
      guard try await replica.eraseStep() == .more else { break }
      let lap = step.lap()
      if lap.wall > longest.wall { longest = lap }
    }
    try report.time("erase", erasure.lap())
    try report.time("erase_longest_step", longest)
  }

  /// Writes while a server indexes, and moves the write-ahead log into the database, now and then.
  private func writeBesideHousekeeping(
    _ replica: Replica, of size: Int, _ clock: CorpusClock, _ conversations: inout Conversations, _ report: Report
  ) async throws {
    let server = try await replica.serve(on: "127.0.0.1:0")
    var laps: [Lap] = []
    for message in GeneratedChat(messages: 6_000, seed: 3, name: "beside-\(size)") {
      let stopwatch = Stopwatch()
      try await replica.say([message][...], at: clock, batch: 1, in: &conversations)
      laps.append(stopwatch.lap())
      try await Task.sleep(for: .milliseconds(2))
    }
    await server.stop()
    try report.percentile(50, of: "append_beside", laps)
    try report.percentile(99, of: "append_beside", laps)
    try report.percentile(100, of: "append_beside", laps)
  }

  /// What a person waits for who types a command.
  private func wholeProcesses(_ report: Report, _ conversation: ObjectID?) throws {
    guard let program, let conversation else { return }
    let commands = [
      ("status", ["status"]), ("list", ["list", "--limit", "100"]), ("show", ["show", "\(conversation)"]),
    ]
    for (name, arguments) in commands {
      var laps: [Lap] = []
      for _ in 0..<5 {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = ["--home", folder] + arguments
        process.standardOutput = FileHandle.nullDevice
        let stopwatch = Stopwatch()
        try process.run()
        process.waitUntilExit()
        laps.append(stopwatch.lap())
      }
      try report.median("command_\(name)", laps)
    }
  }
}
