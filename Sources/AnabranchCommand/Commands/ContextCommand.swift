internal import Anabranch
internal import AnabranchExchange
internal import ArgumentParser

struct ContextCommand: ReadingCommand {
  static let configuration = CommandConfiguration(
    commandName: "context", abstract: "A branch of a conversation, ready for a model.",
    discussion: """
      Within the budget the newest messages are given; pinned and system messages always. Tokens are estimated: leave a \
      tenth of room, and more for languages other than English (docs/context.md). What was left out is said, to you and to \
      the model.
      """)

  enum Format: String, ExpressibleByArgument, CaseIterable {
    case openai, anthropic, markdown
  }

  @OptionGroup var options: PastOptions

  @Argument(help: "The conversation, by its identifier or the beginning of it.")
  var id: String

  @Option(name: .long, help: ArgumentHelp("The message it ends in; else what is read last.", valueName: "message"))
  var tip: String?

  @Option(name: .long, help: ArgumentHelp("Tokens it may have; else all of the branch.", valueName: "tokens"))
  var budget: Int?

  @Option(name: .long, help: "openai, anthropic or markdown.")
  var format: Format = .markdown

  func validate() throws {
    if let budget, budget <= 0 { throw ValidationError("expected a budget of at least one token, got \(budget)") }
  }

  func run() async throws {
    let replica = try await options.read()
    let conversation = try await replica.find(id, .conversation)
    var end: ObjectID?
    if let tip { end = try await replica.find(tip, .message) }
    let context = try await replica.context(of: conversation, tip: end, budget: budget)
    try await replica.close()
    if !options.output.json { Self.note(context) }
    try options.output.print(ContextReport(context)) { style in
      let text = (ContextFormat(rawValue: format.rawValue) ?? .markdown).text(of: context)
      return style.isTerminal ? TextWidth.printableLines(text) : text
    }
  }

  /// Tells what is missing, where it does not get into what is printed.
  private static func note(_ context: ModelContext) {
    if context.omitted > 0 {
      Output.note(
        "anabranch: \(Count.messages(context.omitted)) of about \(context.omittedTokens) tokens left out; "
          + "\(Count.messages(context.messages.count)) of about \(context.tokens) tokens given")
    }
    if context.messages.contains(where: \.isCut) {
      Output.note("anabranch: the newest message alone is more than the budget; its beginning was left out")
    }
    if context.absent > 0 {
      Output.note(
        "anabranch: the words of \(Count.messages(context.absent)) are not here: purged, or not on this device")
    }
  }
}

/// What `context --json` prints.
struct ContextReport: Codable {
  struct Message: Codable {
    var id: String
    var role: String
    @Nullable var author: String?
    var text: String
    var tokens: Int
    var kept: Bool
    var cut: Bool
  }

  var conversation: String
  @Nullable var title: String?
  var tips: [String]
  var messages: [Message]
  var tokens: Int
  var omitted: Int
  var omittedTokens: Int
  var absent: Int

  init(_ context: ModelContext) {
    conversation = context.conversation.description
    title = context.title
    tips = context.tips.map(\.description)
    messages = context.messages.map {
      Message(
        id: $0.id.description, role: $0.role.name, author: $0.author, text: $0.text, tokens: $0.tokens, kept: $0.isKept,
        cut: $0.isCut)
    }
    tokens = context.tokens
    omitted = context.omitted
    omittedTokens = context.omittedTokens
    absent = context.absent
  }
}
