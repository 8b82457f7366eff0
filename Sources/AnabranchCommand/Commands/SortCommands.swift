internal import Anabranch
internal import ArgumentParser

struct TagCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "tag", abstract: "Give a conversation a tag.")

  @OptionGroup var options: GlobalOptions

  @Argument(help: "The conversation, by its identifier or the beginning of it.")
  var id: String

  @Argument(help: "The tag.")
  var tag: String

  func validate() throws {
    try Self.refuseBlank(tag, expected: "a tag")
  }

  func run() async throws {
    try await options.write(.tag(conversation: id, tag: tag)) {
      "\($1.green("✓")) \($1.yellow($0.conversation)) has \($1.cyan("#" + TextWidth.fit(tag, 40)))"
    }
  }
}

struct UntagCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "untag", abstract: "Take a tag from a conversation.")

  @OptionGroup var options: GlobalOptions

  @Argument(help: "The conversation, by its identifier or the beginning of it.")
  var id: String

  @Argument(help: "The tag.")
  var tag: String

  func validate() throws {
    try Self.refuseBlank(tag, expected: "a tag")
  }

  func run() async throws {
    try await options.write(.untag(conversation: id, tag: tag)) {
      "\($1.green("✓")) \($1.yellow($0.conversation)) no longer has \($1.cyan("#" + TextWidth.fit(tag, 40)))"
    }
  }
}

struct FolderCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "folder", abstract: "Put a conversation into a folder, beside those it lies in.")

  @OptionGroup var options: GlobalOptions

  @Argument(help: "The conversation, by its identifier or the beginning of it.")
  var id: String

  @Argument(help: "The folder's name.")
  var folder: String

  func validate() throws {
    try Self.refuseBlank(folder, expected: "a folder")
  }

  func run() async throws {
    try await options.write(.folder(conversation: id, folder: folder)) {
      "\($1.green("✓")) \($1.yellow($0.conversation)) lies in “\(TextWidth.fit(folder, 40))”"
    }
  }
}

struct UnfolderCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "unfolder", abstract: "Take a conversation out of a folder.")

  @OptionGroup var options: GlobalOptions

  @Argument(help: "The conversation, by its identifier or the beginning of it.")
  var id: String

  @Argument(help: "The folder's name.")
  var folder: String

  func validate() throws {
    try Self.refuseBlank(folder, expected: "a folder")
  }

  func run() async throws {
    try await options.write(.unfolder(conversation: id, folder: folder)) {
      "\($1.green("✓")) \($1.yellow($0.conversation)) no longer lies in “\(TextWidth.fit(folder, 40))”"
    }
  }
}

struct FieldCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "field", abstract: "Keep something about a conversation under a name of your own.",
    discussion: "Without a value it is taken away. `anabranch show` has them all.")

  @OptionGroup var options: GlobalOptions

  @Argument(help: "The conversation, by its identifier or the beginning of it.")
  var id: String

  @Argument(help: "The name.")
  var name: String

  @Argument(help: "The value.")
  var value: String?

  func validate() throws {
    try Self.refuseBlank(name, expected: "a name")
  }

  func run() async throws {
    try await options.write(.field(conversation: id, name: name, value: value)) { written, style in
      let what = value.map { "is “\(TextWidth.fit($0, 40))”" } ?? "is taken away"
      return "\(style.green("✓")) \(TextWidth.fit(name, 30)) of \(style.yellow(written.conversation)) \(what)"
    }
  }
}

struct ReadCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "read", abstract: "Note that you have read a conversation, on all your devices.",
    discussion: "From then on `anabranch list` tells how many answers in it are new.")

  @OptionGroup var options: GlobalOptions

  @Argument(help: "The conversation, by its identifier or the beginning of it.")
  var id: String

  func run() async throws {
    try await options.write(.read(conversation: id)) { "\($1.green("✓")) \($1.yellow($0.conversation)) is read" }
  }
}
