internal import AnabranchCore
internal import ArgumentParser
internal import EditingTraces
internal import Foundation

/// What editing and merging one text costs, with a recorded trace.
struct TextCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "text", abstract: "Replays a recorded editing trace: alone, or that of several people.")

  @Argument(help: "The trace, as JSON, or that packed with gzip.")
  var trace: String

  @Option(help: "How often it is replayed: for a profile.")
  var rounds = 1

  func run() throws {
    let trace = try EditingTrace.read(URL(filePath: self.trace))
    let name = URL(filePath: self.trace).lastPathComponent.prefix { $0 != "." }
    if trace.txns.contains(where: { $0.parents != nil }) {
      for _ in 0..<rounds { try merge(trace, Report(bench: "text-concurrent", configuration: String(name))) }
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
    try report.time("add", stopwatch.lap())
    document.merge()
    let text = document.text
    try report.time("merge_batch", stopwatch.lap())
    try report.value("rss_peak", "B", PeakMemory.read() ?? 0)
    try report.value("merge_batch_ok", "bool", text == trace.endContent ? 1 : 0)
  }
}
