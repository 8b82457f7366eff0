internal import Anabranch
internal import ArgumentParser
internal import Foundation

struct HistoryCommand: ReadingCommand {
  static let configuration = CommandConfiguration(
    commandName: "history", abstract: "What a message, or the notes or draft of a conversation, said before.",
    discussion: """
      Lists the versions, from 0, what it began with. --at shows one, --diff what one changed, or what differs between two \
      of them (3..7), and --blame who wrote what of the text as it is now.
      """)

  @OptionGroup var options: PastOptions

  @Argument(help: "The message, or with --notes or --draft the conversation.")
  var id: String

  @Flag(help: "Of which text.")
  var text: PageText?

  @Option(name: .long, help: ArgumentHelp("Show the text as of that version.", valueName: "n"))
  var at: Int?

  @Option(
    name: .long, help: ArgumentHelp("Show what that version changed, or what two differ in.", valueName: "n|m..n"))
  var diff: String?

  @Flag(name: .long, help: "Show who wrote what.")
  var blame = false

  func validate() throws {
    guard [at != nil, diff != nil, blame].count(where: \.self) <= 1 else {
      throw ValidationError("expected one of --at, --diff and --blame")
    }
    if let diff, Self.versions(diff) == nil {
      throw ValidationError("expected a version, or two as in 3..7, after --diff, got “\(diff)”")
    }
  }

  /// The two versions that are compared: for one, it and the one before.
  private static func versions(_ text: String) -> (Int, Int)? {
    let parts = text.components(separatedBy: "..").map { Int($0) }
    switch parts.count {
    case 1: return parts[0].flatMap { $0 > 0 ? ($0 - 1, $0) : nil }
    case 2: return parts[0].flatMap { first in parts[1].map { (first, $0) } }
    default: return nil
    }
  }

  private var kind: TextKind {
    text?.kind ?? .body
  }

  func run() async throws {
    let replica = try await options.read()
    let object = try await replica.find(id, text == nil ? .message : .conversation)
    let names = try await replica.logNames()
    let revisions = try await replica.revisions(of: kind, of: object)
    let authors = blame ? try await replica.authors(of: kind, of: object) : []
    try await replica.close()
    if blame {
      try authors.print(to: options.output, names)
    } else if let at {
      let text = revisions.document(after: try check(at, in: revisions)).text
      try options.output.print(VersionReport(version: at, text: text)) { style in
        style.isTerminal ? TextWidth.wrap(text, style.columns).joined(separator: "\n") : text
      }
    } else if let (earlier, later) = diff.flatMap(Self.versions) {
      let parts = revisions.difference(between: try check(earlier, in: revisions), and: try check(later, in: revisions))
      try options.output.print(parts.map(DifferenceReport.init)) { Self.text(parts, $0) }
    } else {
      let reports =
        [RevisionReport(beginning: revisions.base.count)]
        + revisions.revisions.enumerated().map { RevisionReport($1, number: $0 + 1, names) }
      try options.output.print(reports) { Self.text(reports, $0) }
    }
  }

  private func check(_ version: Int, in revisions: TextRevisions) throws -> Int {
    guard 0...revisions.revisions.count ~= version else {
      throw AnabranchError(
        .notFound, "expected a version from 0 to \(revisions.revisions.count), got \(version)",
        remedy: "see `anabranch history \(id)`")
    }
    return version
  }

  // MARK: Text

  private static func text(_ revisions: [RevisionReport], _ style: Style) -> String {
    let rows = revisions.map { revision in
      guard let replica = revision.replica else {
        let beginning = revision.inserted == 0 ? "nothing" : Count.text(revision.inserted, "character")
        return style.yellow(TextWidth.pad("0", 5)) + " " + style.dim("it began with \(beginning)")
      }
      var row = FieldRow([
        .init(text: TextWidth.pad("\(revision.version)", 5), paint: style.yellow),
        .init(text: Moment.short(revision.milliseconds), paint: style.dim),
        .init(text: TextWidth.pad(TextWidth.fit(revision.name ?? String(replica.prefix(8)), 20), 20)),
        .init(text: style.green("+\(revision.inserted)") + " " + style.red("−\(revision.deleted)")),
      ])
      row.fit(style.columns, cutting: [(2, 4)])
      return row.text
    }
    return rows.joined(separator: "\n")
  }

  private static func text(_ parts: [TextDifference], _ style: Style) -> String {
    parts.map { part in
      let text = TextWidth.printableLines(part.text)
      switch part.kind {
      case .same: return text
      case .removed: return style.red("[-\(text)-]")
      case .inserted: return style.green("{+\(text)+}")
      }
    }.joined()
  }
}

/// A version of a text, as `history --json` prints it.
struct RevisionReport: Encodable {
  var version: Int
  /// Null where no change made it: what the text began with.
  @Nullable var change: UInt32?
  @Nullable var replica: String?
  /// What people call the device.
  @Nullable var name: String?
  @Nullable var time: String?
  var inserted: Int
  var deleted: Int
  let milliseconds: Int64

  private enum CodingKeys: String, CodingKey {
    case version, change, replica, name, time, inserted, deleted
  }

  /// The version that a text began with, of so many characters.
  init(beginning count: Int) {
    version = 0
    change = nil
    replica = nil
    name = nil
    time = nil
    inserted = count
    deleted = 0
    milliseconds = 0
  }

  init(_ revision: TextRevisions.Revision, number: Int, _ names: LogNames) {
    version = number
    change = revision.change.sequence
    replica = revision.change.log.description
    name = names[revision.change.log]
    milliseconds = revision.time.milliseconds
    time = Moment.text(milliseconds)
    inserted = revision.inserted
    deleted = revision.deleted
  }
}

/// What `history --at --json` prints.
struct VersionReport: Codable {
  var version: Int
  var text: String
}

/// What `history --diff --json` prints of each part.
struct DifferenceReport: Codable {
  /// `same`, `removed` or `inserted`.
  var kind: String
  var text: String

  init(_ part: TextDifference) {
    kind = part.kind.rawValue
    text = part.text
  }
}
