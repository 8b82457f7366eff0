internal import Anabranch
internal import ArgumentParser
internal import Foundation

struct AttachCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "attach", abstract: "Attach files to a message.",
    discussion: """
      Their bytes are kept in the history and travel to your other devices, each of which fetches what \
      `anabranch settings attachments.fetch` says. Equal files are kept once.
      """)

  @OptionGroup var options: GlobalOptions

  @Argument(help: "The message, by its identifier or the beginning of it.")
  var message: String

  @Argument(help: "The files.", completion: .file())
  var files: [String]

  func validate() throws {
    for file in files { try Self.refuseBlank(file, expected: "a file") }
  }

  func run() async throws {
    let request = Request.attach(message: message, files: AttachmentPaths.absolute(files))
    guard let attached = try await Writing(options).perform(request).attachments else {
      throw Writing.unexpected
    }
    try options.output.print(attached) { style in
      attached.map { "\(style.green("✓")) \($0.line(style))" }.joined(separator: "\n")
    }
  }
}

struct DetachCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "detach", abstract: "Take an attached file from its message.",
    discussion: "Its bytes stay, as what is deleted does; `anabranch purge` takes them away for good.")

  @OptionGroup var options: GlobalOptions

  @Argument(help: "The attachment, by its identifier or the beginning of it.")
  var attachment: String

  func run() async throws {
    try await options.write(.detach(attachment: attachment)) { written, style in
      "\(style.green("✓")) detached from message \(style.yellow(written.message ?? ""))"
    }
  }
}

struct AttachmentsCommand: ReadingCommand {
  static let configuration = CommandConfiguration(
    commandName: "attachments", abstract: "The files attached to a message, or in a conversation.",
    discussion: "Of a file that is not on this device it says which devices should have it.")

  @OptionGroup var options: PastOptions

  @Argument(help: "The conversation, the message or the attachment, by its identifier or the beginning of it.")
  var id: String

  func run() async throws {
    let replica = try await options.read()
    let object = try await replica.find(id)
    let records: [AttachmentRecord]
    if let attachment = try await Rereading.ifThere({ try await replica.attachment(object) }) {
      records = [attachment]
    } else if try await replica.isMessage(object) {
      records = try await replica.attachments(of: object)
    } else {
      records = try await replica.messages(of: object).flatMap(\.attachments)
    }
    let reports = try await replica.reports(of: records)
    try await replica.close()
    try options.output.print(reports) { style in
      reports.isEmpty ? style.dim("no files") : reports.map { $0.line(style) }.joined(separator: "\n")
    }
  }
}

struct FetchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fetch", abstract: "Get an attached file onto this device, and out of the history.",
    discussion: """
      Where it is not here, it is asked for from every device that is connected, or from the one at --from, and else \
      comes with the next sync. A transfer that breaks off goes on where it was.
      """)

  @OptionGroup var options: GlobalOptions

  @Argument(help: "The attachment, by its identifier or the beginning of it.")
  var attachment: String

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "Write it to a file, or into a folder under its own name; “-” is the output.", valueName: "file"))
  var output: String?

  @Option(name: .long, help: ArgumentHelp("Sync with that device first.", valueName: "host:port"))
  var from: String?

  func validate() throws {
    try Self.refuseBlank(output, expected: "a file after -o")
    if let from { try Self.checkAddresses([from]) }
  }

  func run() async throws {
    let report = try await fetched()
    guard let given = output else {
      return try options.output.print(report) { "\(report.mark($0)) \(report.line($0))" }
    }
    let output = try AttachmentPaths.place(for: report, at: given)
    var bytes: Int
    do {
      bytes = try await write(report, to: output)
    } catch let error as AnabranchError where error.code == .damaged && output != "-" {
      // Who writes gives up what the disk has altered, and gets it again where it can.
      guard try await request(.fetch(attachment: report.id, address: from, recheck: true)).present else { throw error }
      bytes = try await write(report, to: output)
    }
    guard output != "-" else { return }
    try options.output.print(report) { "\($0.green("✓")) \(output), \(bytes) bytes" }
  }

  /// Writes a file out of the history, and returns how many bytes it has.
  private func write(_ file: AttachmentReport, to output: String) async throws -> Int {
    let target = try ExportTarget(file: output == "-" ? nil : output)
    do {
      let replica = try await Replica.read(at: options.place)
      let id = try await replica.find(file.id, .attachment)
      try await replica.read(id) { bytes throws(AnabranchError) in try target.write(bytes) }
      try await replica.close()
      try target.finish()
    } catch {
      target.abandon()
      throw error
    }
    return target.bytes
  }

  /// The attachment, on this device if it can be had now.
  private func fetched() async throws -> AttachmentReport {
    let replica = try await Replica.read(at: options.place)
    let record = try await replica.attachment(replica.find(attachment, .attachment))
    let report = try await replica.reports(of: [record])[0]
    try await replica.close()
    guard !report.present else { return report }
    return try await request(.fetch(attachment: report.id, address: from, recheck: false))
  }

  private func request(_ request: Request) async throws -> AttachmentReport {
    let writing = Writing(options)
    let response = try await Signals.cancelling {
      let line = ProgressLine("Fetching")
      defer { line.clear() }
      return try await writing.perform(request) { line.show($0) }
    }
    guard let fetched = response.attachments?.first else { throw Writing.unexpected }
    return fetched
  }
}

/// Files that a command names.
enum AttachmentPaths {
  /// The same paths, seen from anywhere: a daemon has another working folder.
  static func absolute(_ paths: [String]) -> [String] {
    paths.map { URL(fileURLWithPath: $0).standardizedFileURL.path }
  }

  /// Where an attachment is written that is to go to `path`: in a folder under its own name, which somebody else chose, so
  /// that nothing is overwritten there.
  static func place(for file: AttachmentReport, at path: String) throws -> String {
    var isFolder: ObjCBool = false
    guard path != "-", FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue
    else { return path }
    let scalars = file.name.unicodeScalars.map { scalar in
      scalar == "/" || scalar.properties.generalCategory == .control ? "_" : scalar
    }
    let name = String(String.UnicodeScalarView(scalars))
    let isUsable = !name.isEmpty && name != "." && name != ".."
    let place = URL(fileURLWithPath: path).appendingPathComponent(isUsable ? name : file.id).relativePath
    guard !FileManager.default.fileExists(atPath: place) else {
      throw AnabranchError(.exists, "\(place) is there already", remedy: "name the file after -o to replace it")
    }
    return place
  }
}
