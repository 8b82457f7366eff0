internal import Anabranch
internal import ArgumentParser
internal import Foundation

struct SayCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "say", abstract: "Write a message.",
    discussion: """
      The text comes from the arguments, or from standard input where there is none or it is “-”. \
      A text that starts with a dash goes behind “--”. With --stream the words on standard input are written as \
      they come, as in `my-model | anabranch say ID --as assistant --stream`, and reach other devices at once; \
      interrupted, it keeps what came.
      """)

  @OptionGroup var options: GlobalOptions

  @Argument(help: "The conversation, by its identifier or the beginning of it.")
  var id: String

  @Argument(help: "What is said.")
  var text: [String] = []

  @Option(name: [.long, .customLong("as")], help: "user, assistant, system or tool.")
  var role = "user"

  @Option(name: .long, help: "The model that said it.")
  var model: String?

  @Option(name: .long, help: ArgumentHelp("The message it follows.", valueName: "message"))
  var parent: String?

  @Option(
    name: .long, parsing: .singleValue, help: ArgumentHelp("A file to attach; as often as needed.", valueName: "file"),
    completion: .file())
  var attach: [String] = []

  @Flag(name: .long, help: "Write the words on standard input as they come.")
  var stream = false

  func validate() throws {
    guard !stream || text.isEmpty || text == ["-"] else {
      throw ValidationError("expected the text on standard input with --stream, got it as an argument")
    }
    guard !stream || attach.isEmpty else {
      throw ValidationError("expected either --stream or --attach; a file can be attached afterwards")
    }
    try SpokenText.validate(role: role)
    try Self.refuseBlank(model, expected: "a model's name after --model")
    for file in attach { try Self.refuseBlank(file, expected: "a file after --attach") }
  }

  func run() async throws {
    if stream { return try await runStreaming() }
    let said = try SpokenText.read(text, mayBeBlank: !attach.isEmpty)
    let request = Request.say(
      conversation: id, text: said, role: role, model: model, parent: parent,
      files: AttachmentPaths.absolute(attach))
    try await options.write(request) { "\($1.green("✓")) message \($1.yellow($0.message ?? ""))" }
  }

  private func runStreaming() async throws {
    let opening = StreamedMessage.Opening(conversation: id, role: role, model: model, parent: parent)
    let writing = Writing(options)
    do {
      let written = try await Signals.cancelling { try await writing.stream(opening, StandardInput()) }
      try options.output.print(written) { "\($0.green("✓")) message \($0.yellow(written.message ?? ""))" }
    } catch let broken as StreamBroken {
      guard var failure = Failure(broken.cause) else { throw broken.cause }
      let kept = "what came before is kept, as message \(broken.kept.message ?? "")"
      failure.remedy = failure.remedy.isEmpty ? kept : "\(failure.remedy); \(kept)"
      throw failure
    }
  }
}

struct BranchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "branch", abstract: "Write a message that starts a branch of its own.",
    discussion: "Branches are never rejoined by themselves, unlike what two devices wrote apart.")

  @OptionGroup var options: GlobalOptions

  @Argument(help: "The message it follows, by its identifier or the beginning of it.")
  var message: String

  @Argument(help: "What is said; standard input if there is none or it is “-”.")
  var text: [String] = []

  @Option(name: .long, help: "user, assistant, system or tool.")
  var role = "user"

  @Option(name: .long, help: "The model that said it.")
  var model: String?

  func validate() throws {
    try SpokenText.validate(role: role)
    try Self.refuseBlank(model, expected: "a model's name after --model")
  }

  func run() async throws {
    let request = Request.branch(message: message, text: try SpokenText.read(text), role: role, model: model)
    try await options.write(request) { "\($1.green("✓")) message \($1.yellow($0.message ?? "")), on a branch" }
  }
}

/// The text of a message, from arguments or standard input.
enum SpokenText {
  /// A message on standard input may have that many bytes: 8 MiB, which a frame to the daemon has room for even where
  /// JSON writes each of them as an escape of six.
  private static let bytesMax = 8 << 20

  static func validate(role: String) throws {
    guard Role(name: role) != nil else {
      throw ValidationError("expected a role of user, assistant, system or tool, got “\(role)”")
    }
  }

  /// The arguments joined by spaces; standard input, less its last newline, where there are none or they are `-`.
  ///
  /// Throws where that is nothing, or blanks alone, as when the program before a pipe has failed; where it
  /// `mayBeBlank`, only those on standard input.
  static func read(_ arguments: [String], mayBeBlank: Bool = false) throws -> String {
    let text =
      arguments.isEmpty || arguments == ["-"] ? try readStandardInput() : arguments.joined(separator: " ")
    let isGiven = mayBeBlank && !arguments.isEmpty && arguments != ["-"]
    guard isGiven || !text.allSatisfy(\.isWhitespace) else {
      throw AnabranchError(
        .invalid, "expected a text, got \(text.isEmpty ? "nothing" : "blanks alone")",
        remedy: "give it as an argument, or on standard input")
    }
    return text
  }

  private static func readStandardInput() throws -> String {
    var bytes = (try FileHandle.standardInput.read(upToCount: bytesMax + 1)) ?? Data()
    guard bytes.count <= bytesMax else {
      throw AnabranchError(.invalid, "expected a text of at most \(bytesMax) bytes", remedy: "say it in parts")
    }
    if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw AnabranchError(.invalid, "expected text in UTF-8", remedy: "convert it, with `iconv` for example")
    }
    return text
  }
}
