internal import Anabranch
internal import ArgumentParser

struct BlameCommand: ReadingCommand {
  static let configuration = CommandConfiguration(
    commandName: "blame",
    abstract:
      "Who wrote each part of a message, or of the notes or draft of a conversation, on which device, and when.",
    discussion: "`anabranch history` has what it said before.")

  @OptionGroup var options: PastOptions

  @Argument(help: "The message, or with --notes or --draft the conversation.")
  var id: String

  @Flag(help: "Of which text.")
  var text: PageText?

  func run() async throws {
    let replica = try await options.read()
    let object = try await replica.find(id, text == nil ? .message : .conversation)
    let names = try await replica.logNames()
    let authors = try await replica.authors(of: text?.kind ?? .body, of: object)
    try await replica.close()
    try authors.print(to: options.output, names)
  }
}
