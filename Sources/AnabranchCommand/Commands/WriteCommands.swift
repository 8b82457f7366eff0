internal import Anabranch
internal import ArgumentParser

struct NewCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "new", abstract: "Start a conversation.")

  @OptionGroup var options: GlobalOptions

  @Argument(help: "Its title.")
  var title: String

  func validate() throws {
    try Self.refuseBlank(title, expected: "a title")
  }

  func run() async throws {
    try await options.write(.new(title: title)) { "\($1.green("✓")) conversation \($1.yellow($0.conversation))" }
  }
}

struct TitleCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "title", abstract: "Give a conversation another title.")

  @OptionGroup var options: GlobalOptions

  @Argument(help: "The conversation, by its identifier or the beginning of it.")
  var id: String

  @Argument(help: "The title.")
  var title: String

  func validate() throws {
    try Self.refuseBlank(title, expected: "a title")
  }

  func run() async throws {
    try await options.write(.title(conversation: id, title: title)) {
      "\($1.green("✓")) \($1.yellow($0.conversation)) is called “\(TextWidth.fit(title, 40))”"
    }
  }
}

struct DeleteCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "delete", abstract: "Put a conversation into the trash.",
    discussion: "What another device does to it meanwhile brings it back: nothing is lost.")

  @OptionGroup var options: GlobalOptions

  @Argument(help: "The conversation, by its identifier or the beginning of it.")
  var id: String

  func run() async throws {
    try await options.write(.delete(conversation: id)) {
      "\($1.green("✓")) \($1.yellow($0.conversation)) lies in the trash; `anabranch restore` takes it out"
    }
  }
}

struct RestoreCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "restore", abstract: "Take a conversation out of the trash.")

  @OptionGroup var options: GlobalOptions

  @Argument(help: "The conversation, by its identifier or the beginning of it.")
  var id: String

  func run() async throws {
    try await options.write(.restore(conversation: id)) {
      $0.unchanged == true
        ? "\($1.yellow($0.conversation)) is not in the trash; nothing was changed"
        : "\($1.green("✓")) \($1.yellow($0.conversation)) is out of the trash"
    }
  }
}
