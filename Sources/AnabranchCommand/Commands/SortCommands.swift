internal import Anabranch
internal import ArgumentParser

struct TagCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "tag", abstract: "Give a conversation a tag.")

  @OptionGroup var label: LabelOptions

  func run() async throws {
    try await label.write(.tag(conversation: label.id, tag: label.word)) { "has \($0.cyan("#" + label.short))" }
  }
}

struct UntagCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "untag", abstract: "Take a tag from a conversation.")

  @OptionGroup var label: LabelOptions

  func run() async throws {
    try await label.write(.untag(conversation: label.id, tag: label.word)) {
      "no longer has \($0.cyan("#" + label.short))"
    }
  }
}

struct FolderCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "folder", abstract: "Put a conversation into a folder, beside those it lies in.")

  @OptionGroup var label: LabelOptions

  func run() async throws {
    try await label.write(.folder(conversation: label.id, folder: label.word)) { _ in "lies in “\(label.short)”" }
  }
}

struct UnfolderCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "unfolder", abstract: "Take a conversation out of a folder.")

  @OptionGroup var label: LabelOptions

  func run() async throws {
    try await label.write(.unfolder(conversation: label.id, folder: label.word)) { _ in
      "no longer lies in “\(label.short)”"
    }
  }
}

/// A conversation, and a word that it is sorted by.
struct LabelOptions: ParsableArguments {
  @OptionGroup var options: GlobalOptions

  @Argument(help: "The conversation, by its identifier or the beginning of it.")
  var id: String

  @Argument(help: "The name of the tag, or of the folder.")
  var word: String

  func validate() throws {
    try TagCommand.refuseBlank(word, expected: "a name")
  }

  /// The word, as far as there is room for it.
  var short: String { TextWidth.fit(word, 40) }

  /// Carries out a write and says what the conversation is like by now.
  func write(_ request: Request, _ text: (Style) -> String) async throws {
    try await options.write(request) { "\($1.green("✓")) \($1.yellow($0.conversation)) \(text($1))" }
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
