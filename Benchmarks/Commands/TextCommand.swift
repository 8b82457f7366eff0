internal import AnabranchCore
internal import AnabranchStore
internal import AnabranchWire
internal import ArgumentParser
internal import EditingTraces
internal import Foundation

/// What editing and merging one text costs, with a recorded trace.
struct TextCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "text", abstract: "Replays a recorded editing trace: of one person, or of several.",
    discussion: """
      Of one: each patch is an edit by itself, of a text in memory and into an open change, which is sealed whenever it \
      is full, and at the end; the changes are then kept in a database, and the text read from there. Of several: each transaction is an operation, and all are merged into an empty text.
      """)

  @Argument(help: "The trace, as JSON, or that packed with gzip.")
  var trace: String

  @OptionGroup var scratch: ScratchFolder

  @Option(help: "How often it is replayed: for a profile.")
  var rounds = 1

  func run() throws {
    let trace = try EditingTrace.read(URL(filePath: self.trace))
    let name = URL(filePath: self.trace).lastPathComponent.replacing(".json", with: "").replacing(".gz", with: "")
    for _ in 0..<rounds {
      if trace.txns.contains(where: { $0.parents != nil }) {
        try merge(trace, Report(bench: "text-concurrent", configuration: name))
      } else {
        try replay(trace, Report(bench: "text", configuration: "\(name)/each"))
      }
    }
  }

  private func merge(_ trace: EditingTrace, _ report: Report) throws {
    let operations = trace.operations
    try report.value("txns", "txns", operations.count)
    PeakMemory.restart()
    try report.value("rss_before", "B", PeakMemory.read() ?? 0)
    let stopwatch = Stopwatch()
    var document = TextDocument(base: trace.startContent ?? "")
    for operation in operations { document.add(operation) }
    document.merge()
    let text = document.text
    try report.time("merge_batch", stopwatch.lap())
    try report.value("rss_peak", "B", PeakMemory.read() ?? 0)
    try report.value("merge_batch_ok", "bool", text == trace.endContent ? 1 : 0)
  }

  private func replay(_ trace: EditingTrace, _ report: Report) throws {
    defer { scratch.remove() }
    let kept = try TraceStore(in: scratch.path)
    let patches = trace.txns.flatMap(\.patches).map { ($0.position, $0.deleted, $0.inserted) }
    try report.value("ops", "ops", patches.count)
    PeakMemory.restart()
    try report.value("rss_before", "B", PeakMemory.read() ?? 0)
    let stopwatch = Stopwatch()
    var writer = TraceWriter(base: trace.startContent ?? "", target: kept.target, first: kept.next)
    for (position, deleted, inserted) in patches { writer.edit(position, deleted, inserted) }
    writer.seal()
    try report.time("replay", stopwatch.lap())
    try report.value("rss_replay", "B", PeakMemory.read() ?? 0)
    try report.value("size_updates", "B", writer.sealed.reduce(0) { $0 + $1.bytes.count })
    try report.value("changes", "changes", writer.sealed.count)
    try report.value("final_ok", "bool", writer.text.text == trace.endContent ? 1 : 0)

    let loading = Stopwatch()
    var document = TextDocument(base: trace.startContent ?? "")
    for change in writer.sealed {
      let read = try SealedChange(bytes: change.bytes, context: .init(id: change.change.id, previous: .zero))
      for operation in read.change.operations {
        let id = OperationID(log: change.change.id.log, sequence: change.change.id.sequence, index: operation.index)
        if let edits = TextOperation(operation.mutation, id: id, content: operation.envelope.content) {
          document.add(edits)
        }
      }
    }
    document.merge()
    let text = document.text
    try report.time("load_updates", loading.lap())
    try report.value("load_updates_ok", "bool", text == trace.endContent ? 1 : 0)
    if trace.startContent?.isEmpty ?? true { try keep(writer, in: kept, trace, report) }
  }

  /// Keeps what was written in a database, as durable history, and reads the finished text from what that keeps of it.
  private func keep(
    _ writer: TraceWriter, in kept: TraceStore, _ trace: EditingTrace, _ report: Report
  ) throws {
    let before = try kept.store.storedBytes().log
    let storing = Stopwatch()
    try kept.keep(writer)
    try report.time("store", storing.lap())
    let stored = try kept.store.storedBytes()
    // A row has a hash of 32 bytes beside the change.
    try report.value("size_history", "B", Int(stored.log - before) + 32 * writer.drafts.count)
    try report.value("size_compact", "B", Int(stored.texts))
    let (opening, first, reading, isRight) = try kept.read(rounds: Self.reads, expecting: trace.endContent)
    try report.median("open_database", opening)
    try report.median("read_first", first)
    try report.median("load_compact", reading)
    try report.value("load_compact_ok", "bool", isRight ? 1 : 0)
    let warm = try (0..<Self.reads).map { _ in
      let stopwatch = Stopwatch()
      _ = try kept.store.text(.notes, of: kept.target)
      return stopwatch.lap()
    }
    try report.median("load_compact_again", warm)
    try kept.store.close()
  }

  private static let reads = 21
}
