internal import Anabranch
internal import ArgumentParser

struct ListCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "The conversations, the one written last first.")

  @OptionGroup var options: GlobalOptions

  @Option(name: .long, help: ArgumentHelp("At most so many.", valueName: "n"))
  var limit: Int?

  @Flag(name: .long, help: "Those in the trash instead.")
  var trashed = false

  func validate() throws {
    if let limit, limit < 1 { throw ValidationError("expected --limit of 1 or more, got \(limit)") }
  }

  func run() async throws {
    let replica = try await Replica.read(at: options.place)
    let conversations = try await replica.conversations(trashed: trashed, limit: limit ?? .max)
    try await replica.close()
    try options.output.print(conversations.map(ConversationReport.init)) { style in
      guard !conversations.isEmpty else {
        return style.dim(trashed ? "The trash is empty." : "No conversations yet: `anabranch import PATH`.")
      }
      return conversations.map { Self.line($0, style) }.joined(separator: "\n")
    }
  }

  private static let idDigits = 8
  private static let dateColumns = 16
  private static let countColumns = 5

  private static func line(_ conversation: ConversationSummary, _ style: Style) -> String {
    let id = String(conversation.id.description.prefix(idDigits))
    let count = String(conversation.messages)
    var marks: [String] = []
    if conversation.diverged > 0 { marks.append("diverged") }
    if conversation.conflicts > 0 { marks.append("titles differ") }
    if conversation.archived { marks.append("archived") }
    let tags = conversation.tags.map { "#" + TextWidth.printable($0) }.joined(separator: " ")
    let fixed = idDigits + dateColumns + countColumns + 6
    let extra = [TextWidth.fit(tags, 24), marks.joined(separator: ", ")].filter { !$0.isEmpty }
    let extraColumns = extra.reduce(0) { $0 + TextWidth.columns($1) + 2 }
    let title = TextWidth.fit(conversation.title ?? "(no title)", max(12, style.columns - fixed - extraColumns))
    return style.yellow(id) + "  " + style.dim(Timestamp.short(conversation.updated)) + "  "
      + String(repeating: " ", count: max(0, countColumns - count.count)) + count + "  "
      + (conversation.pinned ? style.bold(title) : title)
      + (tags.isEmpty ? "" : "  " + style.cyan(extra[0]))
      + (marks.isEmpty ? "" : "  " + style.magenta(marks.joined(separator: ", ")))
  }
}
