internal import Anabranch
internal import ArgumentParser

struct ListCommand: ReadingCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "The conversations, the one written last first.")

  @OptionGroup var options: PastOptions

  @Option(name: .long, help: ArgumentHelp("At most so many.", valueName: "n"))
  var limit: Int?

  @Option(name: .long, help: ArgumentHelp("Only those in that folder.", valueName: "name"))
  var folder: String?

  @Option(name: .long, help: ArgumentHelp("Only those with that tag.", valueName: "tag"))
  var tag: String?

  @Flag(name: .long, help: "Those in the trash instead.")
  var trashed = false

  func validate() throws {
    if let limit { try checkLimit(limit) }
  }

  func run() async throws {
    let replica = try await options.read()
    let conversations = try await replica.conversations(
      trashed: trashed, folder: folder, tag: tag, limit: limit ?? .max)
    let trash = trashed ? try await replica.trash() : []
    try await replica.close()
    try options.output.print(conversations.map(ConversationReport.init)) { style in
      guard !conversations.isEmpty else {
        if folder != nil || tag != nil { return style.dim("No conversations there.") }
        if trashed { return style.dim("The trash is empty.") }
        let isAllOfIt = options.asOf == nil && !Rereading.hasMetDamage
        return style.dim(isAllOfIt ? "No conversations yet: `anabranch import PATH`." : "No conversations there.")
      }
      let expiries = Dictionary(trash.map { ($0.record.id, $0.expires) }) { first, _ in first }
      return conversations.map { Self.line($0, expires: expiries[$0.id] ?? nil, style) }.joined(separator: "\n")
    }
  }

  private static let countColumns = 5
  private static let tagsColumns = 24

  private static func line(_ conversation: ConversationSummary, expires: Int64?, _ style: Style) -> String {
    let count = String(conversation.messages)
    let tags = conversation.tags.map { "#" + $0 }.joined(separator: " ")
    var marks: [String] = []
    if let unread = conversation.unread, unread > 0 { marks.append("\(unread) new") }
    if conversation.diverged > 0 { marks.append("diverged") }
    if conversation.conflicts > 0 { marks.append("titles differ") }
    if conversation.archived { marks.append("archived") }
    if let expires { marks.append("goes \(Moment.short(expires))") }
    var row = FieldRow([
      .init(text: conversation.id.short, paint: style.yellow),
      .init(text: Moment.short(conversation.updated), paint: style.dim),
      .init(text: String(repeating: " ", count: max(0, countColumns - count.count)) + count),
      .init(
        text: TextWidth.fit(conversation.title ?? "(no title)", style.columns),
        paint: { conversation.pinned ? style.bold($0) : $0 }),
      .init(text: TextWidth.fit(tags, tagsColumns), paint: style.cyan),
      .init(text: marks.joined(separator: ", "), paint: style.magenta),
    ])
    row.fit(
      style.columns,
      cutting: [
        (titlePlace, 24), (tagPlace, 0), (titlePlace, 12), (markPlace, 0), (titlePlace, 1),
      ])
    return row.text
  }

  /// Places in the row.
  private static let (titlePlace, tagPlace, markPlace) = (3, 4, 5)
}

extension ObjectID {
  /// The beginning of the identifier as lists show it: enough to name it, in all likelihood.
  var short: String {
    String(description.prefix(8))
  }
}
