internal import Anabranch
internal import ArgumentParser

struct PinCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pin", abstract: "Keep a conversation at the top, or a message in every context.")

  @OptionGroup var mark: MarkOptions

  func run() async throws {
    try await mark.options.write(.pin(object: mark.id, isOn: true)) {
      "\($1.green("✓")) \($1.yellow($0.object)) is pinned"
    }
  }
}

struct UnpinCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "unpin", abstract: "Let go of a conversation or a message that was pinned.")

  @OptionGroup var mark: MarkOptions

  func run() async throws {
    try await mark.options.write(.pin(object: mark.id, isOn: false)) {
      "\($1.green("✓")) \($1.yellow($0.object)) is not pinned"
    }
  }
}

struct ArchiveCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "archive", abstract: "Put a conversation aside.")

  @OptionGroup var mark: MarkOptions

  func run() async throws {
    try await mark.options.write(.archive(conversation: mark.id, isOn: true)) {
      "\($1.green("✓")) \($1.yellow($0.object)) is archived"
    }
  }
}

struct UnarchiveCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "unarchive", abstract: "Take back a conversation that was put aside.")

  @OptionGroup var mark: MarkOptions

  func run() async throws {
    try await mark.options.write(.archive(conversation: mark.id, isOn: false)) {
      "\($1.green("✓")) \($1.yellow($0.object)) is not archived"
    }
  }
}

/// What is marked.
struct MarkOptions: ParsableArguments {
  @OptionGroup var options: GlobalOptions

  @Argument(help: "The conversation, or for a pin also a message, by its identifier or the beginning of it.")
  var id: String
}

extension Written {
  /// What was written: the message, or else the conversation.
  var object: String { message ?? conversation }
}
