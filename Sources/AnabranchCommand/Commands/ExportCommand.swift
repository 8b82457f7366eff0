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

  func run() async throws {
    let replica = try await Replica.read(at: options.place)
    var conversation: ObjectID?
    if let id { conversation = try await replica.find(id, .conversation) }
    let target = try Target(file: output)
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

  /// Where an export goes: standard output, or a file that appears only when it is whole.
  ///
  /// Unchecked, because it is used by one task after the other: first the replica's, then the command's.
  final class Target: @unchecked Sendable {
    private let file: String?
    private let descriptor: Int32
    private(set) var bytes = 0

    init(file: String?) throws {
      self.file = file
      guard let file else {
        descriptor = STDOUT_FILENO
        return
      }
      descriptor = open(file + ".partial", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
      guard descriptor >= 0 else { throw Self.error(file) }
    }

    func write(_ bytes: [UInt8]) throws {
      self.bytes += bytes.count
      guard let file else { return Output.write(bytes, to: descriptor) }
      var rest = bytes[...]
      while !rest.isEmpty {
        let count = rest.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
        guard count > 0 || errno == EINTR else { throw Self.error(file) }
        rest = rest.dropFirst(max(count, 0))
      }
    }

    func finish() throws {
      guard let file else { return }
      guard fsync(descriptor) == 0, close(descriptor) == 0, rename(file + ".partial", file) == 0 else {
        throw Self.error(file)
      }
    }

    func abandon() {
      guard let file else { return }
      close(descriptor)
      unlink(file + ".partial")
    }

    private static func error(_ file: String) -> AnabranchError {
      AnabranchError(
        errno == ENOSPC ? .diskFull : .io, "\(file) cannot be written: \(String(cString: strerror(errno)))",
        remedy: "choose another file with -o")
    }
  }
}

extension Replica {
  /// Writes the export in one piece of work, so that it is one state of the history.
  fileprivate func export(
    _ conversation: ObjectID?, as format: ExportCommand.Format, to target: ExportCommand.Target
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
