internal import AnabranchCore
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
      is full, and at the end. Of several: each transaction is an operation, and all are merged into an empty text.
      """)

  @Argument(help: "The trace, as JSON, or that packed with gzip.")
  var trace: String

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
    let patches = trace.txns.flatMap(\.patches).map { ($0.position, $0.deleted, $0.inserted) }
    try report.value("ops", "ops", patches.count)
    PeakMemory.restart()
    try report.value("rss_before", "B", PeakMemory.read() ?? 0)
    let stopwatch = Stopwatch()
    var writer = TraceWriter(base: trace.startContent ?? "")
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
  }
}
