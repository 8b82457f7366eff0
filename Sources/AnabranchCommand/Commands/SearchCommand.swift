internal import Anabranch
internal import ArgumentParser

struct SearchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "search", abstract: "Messages in which all words occur, the best first.",
    discussion: "\"Words in quotation marks\" are a phrase; word* stands for every word that starts so.")

  @OptionGroup var options: GlobalOptions

  @Argument(help: "What to look for.")
  var query: [String]

  @Option(name: .long, help: ArgumentHelp("At most so many.", valueName: "n"))
  var limit = 20

  private struct Report: Encodable {
    var conversation: String
    @Nullable var title: String?
    var message: String
    var role: String
    var created: String
    var snippet: String
  }

  func validate() throws {
    guard limit > 0 else { throw ValidationError("expected --limit of 1 or more, got \(limit)") }
  }

  func run() async throws {
    let replica = try await Replica.read(at: options.place)
    let hits = try await replica.search(query.joined(separator: " "), limit: limit)
    try await replica.close()
    let reports = hits.map { hit in
      Report(
        conversation: hit.conversation.description, title: hit.title, message: hit.message.description,
        role: hit.role.name, created: Timestamp.text(hit.created), snippet: hit.snippet)
    }
    try options.output.print(reports) { style in
      hits.isEmpty
        ? style.dim("Nothing found.") : hits.map { Self.text($0, style) }.joined(separator: "\n\n")
    }
  }

  private static func text(_ hit: SearchHit, _ style: Style) -> String {
    let id = String(hit.conversation.description.prefix(8))
    let title = TextWidth.fit(hit.title ?? "(no title)", style.columns - 40)
    let head =
      "\(style.yellow(id))  \(style.bold(title))  \(style.dim(hit.role.name)) "
      + style.dim(Timestamp.short(hit.created))
    let lines = TextWidth.wrap(hit.snippet, style.columns - 4)
    guard style.isColored else { return head + lines.map { "\n    " + $0 }.joined() }
    return head + "\n    " + highlighted(hit, style)
  }

  /// The snippet with its matches set off; the terminal wraps it.
  private static func highlighted(_ hit: SearchHit, _ style: Style) -> String {
    let scalars = Array(hit.snippet.unicodeScalars)
    func part(_ range: Range<Int>) -> String {
      TextWidth.printable(String(String.UnicodeScalarView(scalars[range.clamped(to: 0..<scalars.count)])))
    }
    var (text, position) = ("", 0)
    for match in hit.matches {
      text += part(position..<match.lowerBound) + style.bold(style.green(part(match)))
      position = match.upperBound
    }
    return text + part(position..<max(position, scalars.count))
  }
}
