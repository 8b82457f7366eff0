internal import Anabranch
internal import ArgumentParser

struct PinCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pin", abstract: "Keep a conversation at the top, or a message in every context.")

  @OptionGroup var mark: MarkOptions

  func run() async throws {
    try await mark.write(.pin(object: mark.id, isOn: true), "is pinned")
  }
}

struct UnpinCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "unpin", abstract: "Let go of a conversation or a message that was pinned.")

  @OptionGroup var mark: MarkOptions

  func run() async throws {
    try await mark.write(.pin(object: mark.id, isOn: false), "is not pinned")
  }
}

struct ArchiveCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "archive", abstract: "Put a conversation aside.")

  @OptionGroup var mark: MarkOptions

  func run() async throws {
    try await mark.write(.archive(conversation: mark.id, isOn: true), "is archived")
  }
}

struct UnarchiveCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "unarchive", abstract: "Take back a conversation that was put aside.")

  @OptionGroup var mark: MarkOptions

  func run() async throws {
    try await mark.write(.archive(conversation: mark.id, isOn: false), "is not archived")
  }
}

struct ReadCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "read", abstract: "Note that you have read a conversation, on all your devices.",
    discussion: "From then on `anabranch list` tells how many answers in it are new.")

  @OptionGroup var mark: MarkOptions

  func run() async throws {
    try await mark.write(.read(conversation: mark.id), "is read")
  }
}

/// What is marked.
struct MarkOptions: ParsableArguments {
  @OptionGroup var options: GlobalOptions

  @Argument(help: "The conversation, or for a pin also a message, by its identifier or the beginning of it.")
  var id: String

  /// Carries out a write and says what its object is like by now.
  func write(_ request: Request, _ state: String) async throws {
    try await options.write(request) { written, style in
      "\(style.green("✓")) \(style.yellow(written.message ?? written.conversation)) \(state)"
    }
  }
}
