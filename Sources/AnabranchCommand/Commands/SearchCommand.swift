internal import Anabranch
internal import ArgumentParser

struct SearchCommand: ReadingCommand {
  static let configuration = CommandConfiguration(
    commandName: "search", abstract: "Messages, notes and drafts in which all words occur, the best first.",
    discussion: """
      "Words in quotation marks" are a phrase; word* stands for every word that starts so. Titles are not searched: \
      see `anabranch list`. Each hit shows the conversation's identifier and title, then who speaks, the message's \
      identifier and its time; or that it is in the notes or the draft.
      """)

  @OptionGroup var options: PastOptions

  @Argument(help: "What to look for.")
  var query: [String]

  @Option(name: .long, help: ArgumentHelp("At most so many.", valueName: "n"))
  var limit = 20

  private struct Report: Encodable {
    var conversation: String
    @Nullable var title: String?
    var text: String
    @Nullable var message: String?
    @Nullable var role: String?
    @Nullable var created: String?
    var snippet: String
  }

  func validate() throws {
    try checkLimit(limit)
  }

  func run() async throws {
    let replica = try await options.read()
    // With a space behind it the last word is finished, and no beginning of others: nobody types on.
    let found = try await replica.search(query.joined(separator: " ") + " ", limit: min(limit, .max - 1) + 1)
    try await replica.close()
    let hits = found.prefix(limit)
    let reports = hits.map { hit in
      Report(
        conversation: hit.conversation.description, title: hit.title, text: Self.word(hit.text),
        message: hit.message?.description, role: hit.role?.name, created: Moment.textIfKnown(hit.created),
        snippet: hit.snippet)
    }
    try options.output.print(reports) { style in
      hits.isEmpty
        ? style.dim("Nothing found.") : hits.map { Self.text($0, style) }.joined(separator: "\n\n")
    }
    if found.count > limit, !options.output.json {
      Output.note("anabranch: these are the best \(limit), and there are more: give --limit, or more words")
    }
  }

  private static func text(_ hit: SearchHit, _ style: Style) -> String {
    var head = FieldRow([
      .init(text: hit.conversation.short, paint: style.yellow),
      .init(text: TextWidth.fit(hit.title ?? "(no title)", style.columns), paint: style.bold),
      .init(text: hit.role?.name ?? Self.word(hit.text), paint: style.dim),
      .init(text: hit.message?.short ?? "", paint: style.yellow),
      .init(text: Moment.short(hit.created), paint: style.dim),
    ])
    head.fit(style.columns, cutting: [(1, 1)])
    let lines = TextWidth.wrap(hit.snippet, style.columns - margin.count)
    return ([head.text] + lines.map { margin + highlighted($0, hit.matches, style) }).joined(separator: "\n")
  }

  private static func word(_ text: TextKind) -> String {
    switch text {
    case .notes: "notes"
    case .draft: "draft"
    default: "body"
    }
  }

  private static let margin = "    "

  /// A line of the snippet with its matches set off, which are counted in scalars from the snippet's beginning.
  private static func highlighted(_ line: Substring, _ matches: [Range<Int>], _ style: Style) -> String {
    let scalars = Array(line.unicodeScalars)
    let start = line.base.unicodeScalars.distance(from: line.base.startIndex, to: line.startIndex)
    func part(_ range: Range<Int>) -> String { String(String.UnicodeScalarView(scalars[range])) }
    var (text, position) = ("", 0)
    for match in matches {
      let found = (match.lowerBound - start..<match.upperBound - start).clamped(to: position..<scalars.count)
      guard !found.isEmpty else { continue }
      text += part(position..<found.lowerBound) + style.bold(style.green(part(found)))
      position = found.upperBound
    }
    return text + part(position..<scalars.count)
  }
}
