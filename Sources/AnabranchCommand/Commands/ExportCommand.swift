internal import Anabranch
internal import AnabranchExchange
internal import ArgumentParser
internal import Foundation

struct ExportCommand: ReadingCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Everything, or one conversation, with all its branches.",
    discussion: "jsonl imports back to the same conversations; markdown is for reading.")

  enum Format: String, ExpressibleByArgument, CaseIterable {
    case jsonl, markdown
  }

  @OptionGroup var options: PastOptions

  @Argument(help: "The conversation; all of them if there is none.")
  var id: String?

  @Option(name: .long, help: "jsonl or markdown.")
  var format: Format

  @Option(name: .shortAndLong, help: ArgumentHelp("A file to write instead of the output.", valueName: "file"))
  var output: String?

  @Flag(
    name: .long, help: "With -o: also the attached files, in a folder called like the file with “.files” at the end.")
  var files = false

  private struct Report: Encodable {
    var file: String
    var bytes: Int
    /// Attached files that were written, and those that are not on this device; null where nobody asked for them.
    @Nullable var files: Int?
    @Nullable var filesAbsent: Int?
  }

  func validate() throws {
    try Self.refuseBlank(output, expected: "a file after -o")
    guard !files || output != nil else { throw ValidationError("expected -o with --files") }
  }

  func run() async throws {
    let replica = try await options.read()
    var conversation: ObjectID?
    if let id { conversation = try await replica.find(id, .conversation) }
    let target = try ExportTarget(file: output)
    let filesFolder = output.map { URL(fileURLWithPath: $0).lastPathComponent + HistoryFile.filesSuffix }
    do {
      try await replica.export(conversation, as: format, to: target, files: files ? filesFolder : nil)
      try target.finish()
    } catch {
      target.abandon()
      throw error
    }
    guard let output else { return try await replica.close() }
    let counts = files ? try await replica.exportFiles(of: conversation, into: output + HistoryFile.filesSuffix) : nil
    try await replica.close()
    let report = Report(file: output, bytes: target.bytes, files: counts?.written, filesAbsent: counts?.absent)
    try options.output.print(report) { style in
      let mark = counts?.absent ?? 0 > 0 ? style.yellow("!") : style.green("✓")
      let beside = counts.map { ", \(Count.text($0.written, "file"))" } ?? ""
      return "\(mark) \(output), \(target.bytes) bytes\(beside)"
    }
    guard let absent = counts?.absent, absent > 0 else { return }
    Output.note("anabranch: \(Count.text(absent, "attached file")) not on this device, and not in the export")
    throw ExitCode(ExitStatus.skipped)
  }
}

extension Replica {
  /// Writes the attached files that are on this device into a folder, each once.
  fileprivate func exportFiles(
    of conversation: ObjectID?, into folder: String
  ) throws -> (written: Int, absent: Int) {
    var written = 0
    let absent = try exportFiles(of: conversation) { file throws(AnabranchError) in
      do {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      } catch {
        throw AnabranchError(
          .io, "\(folder) cannot be made: \(error.localizedDescription)", remedy: "choose another place with -o")
      }
      let target = try ExportTarget(file: "\(folder)/\(file.exportName)")
      do throws(AnabranchError) {
        try readAtOnce(file.id) { bytes throws(AnabranchError) in try target.write(bytes) }
        try target.finish()
      } catch {
        target.abandon()
        throw error
      }
      written += 1
    }
    return (written, absent)
  }

  /// Writes the export in one piece of work, so that it is one state of the history.
  fileprivate func export(
    _ conversation: ObjectID?, as format: ExportCommand.Format, to target: ExportTarget, files: String?
  ) throws {
    let sink: ByteSink = { bytes in try target.write(bytes) }
    var writer: any HistoryWriter =
      switch format {
      case .jsonl: JSONLinesWriter(sink: sink)
      case .markdown: MarkdownWriter(files: files, sink: sink)
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
