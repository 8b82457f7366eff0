internal import Anabranch
internal import AnabranchExchange
internal import ArgumentParser
internal import Foundation

struct ExportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Everything, or one conversation, with all its branches.",
    discussion: "jsonl imports back to the same conversations; markdown is for reading.")

  enum Format: String, ExpressibleByArgument, CaseIterable {
    case jsonl, markdown
  }

  @OptionGroup var options: GlobalOptions

  @Argument(help: "The conversation; all of them if there is none.")
  var id: String?

  @Option(name: .long, help: "jsonl or markdown.")
  var format: Format

  @Option(name: .shortAndLong, help: ArgumentHelp("A file to write instead of the output.", valueName: "file"))
  var output: String?

  private struct Report: Encodable {
    var file: String
    var bytes: Int
  }

  func validate() throws {
    try Self.refuseBlank(output, expected: "a file after -o")
  }

  func run() async throws {
    let replica = try await Replica.read(at: options.place)
    var conversation: ObjectID?
    if let id { conversation = try await replica.find(id, .conversation) }
    let target = try ExportTarget(file: output)
    do {
      try await replica.export(conversation, as: format, to: target)
      try target.finish()
    } catch {
      target.abandon()
      throw error
    }
    try await replica.close()
    guard let output else { return }
    try options.output.print(Report(file: output, bytes: target.bytes)) { style in
      "\(style.green("✓")) \(output), \(target.bytes) bytes"
    }
  }
}

extension Replica {
  /// Writes the export in one piece of work, so that it is one state of the history.
  fileprivate func export(
    _ conversation: ObjectID?, as format: ExportCommand.Format, to target: ExportTarget
  ) throws {
    let sink: ByteSink = { bytes in try target.write(bytes) }
    var writer: any HistoryWriter =
      switch format {
      case .jsonl: JSONLinesWriter(sink: sink)
      case .markdown: MarkdownWriter(sink: sink)
      }
    try exportHistory(of: conversation) { event throws(AnabranchError) in
      do {
        try writer.write(event)
      } catch let error as AnabranchError {
        throw error
      } catch {
        throw AnabranchError(.io, "the export cannot be written: \(error)")
      }
    }
    try writer.finish()
  }
}
