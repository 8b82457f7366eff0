internal import Anabranch
internal import AnabranchExchange
internal import ArgumentParser
internal import Foundation

struct ImportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import", abstract: "Take over a history: a ChatGPT export, or another tool's.",
    discussion: """
      A ChatGPT export as a zip, a folder or its conversations.json; OASST trees; an export of ours in \
      jsonl. Recognised by what is in it. Importing twice changes nothing, a later export adds what is new.
      """)

  @OptionGroup var options: GlobalOptions

  @Argument(help: "The export; with --watch, a folder in which new ones appear.", completion: .file())
  var path: String

  @Flag(name: .long, help: "Go on, and import what appears in the folder, until interrupted.")
  var watch = false

  func validate() throws {
    try Self.refuseBlank(path, expected: "a file or a folder")
  }

  func run() async throws {
    let options = options
    let target = URL(fileURLWithPath: path).standardizedFileURL.path
    if watch {
      return try await Signals.cancelling(isService: true) {
        try await ImportWatch(options: options, folder: target).run()
      }
    }
    let report = try await Signals.cancelling { try await options.importHistory(target) }
    try options.output.print(report) { ImportText.summary(report, $0) }
    if report.skipped { throw ExitCode(ExitStatus.skipped) }
  }
}

extension GlobalOptions {
  /// Imports what lies at `path`, with a progress line and every warning on standard error.
  ///
  /// An interruption ends with the status for something skipped: running it again completes it.
  func importHistory(_ path: String) async throws -> ImportReport {
    let progress = ProgressLine("Importing")
    defer { progress.clear() }
    do {
      let response = try await Writing(self).perform(.importPath(path)) { progress.show($0) }
      progress.clear()
      guard let report = response.imported else { throw Writing.unexpected }
      for warning in report.warnings { Output.note("anabranch: \(TextWidth.printable(warning.message))") }
      return report
    } catch {
      let isInterrupted = error is CancellationError || (error as? AnabranchError)?.code == .interrupted
      guard isInterrupted || Task.isCancelled else { throw error }
      throw Failure(
        code: AnabranchError.Code.interrupted.rawValue,
        message: "the import was interrupted; what was read so far is kept",
        remedy: "run it again to complete it", status: ExitStatus.skipped)
    }
  }
}

/// How an import's outcome reads.
enum ImportText {
  static func summary(_ report: ImportReport, _ style: Style) -> String {
    let mark = report.skipped ? style.yellow("!") : style.green("✓")
    var line =
      "\(mark) \(Count.conversations(report.conversations)), \(Count.messages(report.messages)): "
      + "\(report.new) new, \(report.unchanged) unchanged"
    if report.files > 0 { line += ", \(Count.text(report.files, "file"))" }
    if report.filesMissing > 0 { line += ", \(style.yellow("\(report.filesMissing) more missing in the export"))" }
    if !report.warnings.isEmpty { line += ", \(style.yellow(Count.text(report.warnings.count, "warning")))" }
    return line
  }
}
