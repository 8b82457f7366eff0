internal import Anabranch
internal import ArgumentParser

struct ConflictsCommand: ReadingCommand {
  static let configuration = CommandConfiguration(
    commandName: "conflicts",
    abstract: "Where several values stand, since nobody who wrote one had seen the others.",
    discussion: """
      One of them shows, on all devices the same. Of conversations and messages, `anabranch inspect why ID WHAT` says why.
      """)

  @OptionGroup var options: PastOptions

  @Flag(name: .long, help: "Say which command would settle each with that value.")
  var resolve = false

  func run() async throws {
    let replica = try await options.read()
    let conflicts = try await replica.conflicts()
    let names = try await replica.names()
    try await replica.close()
    try options.output.print(conflicts.map { ConflictReport($0, names) }) { style in
      guard !conflicts.isEmpty else { return style.dim("No two values stand beside each other.") }
      return conflicts.map { text($0, names, style) }.joined(separator: "\n\n")
    }
  }

  private func text(_ conflict: Conflict, _ names: [LogID: String], _ style: Style) -> String {
    let words = WhyWords(conflict.facet, of: conflict.object, conflict.contenders, names: names)
    var title = FieldRow([
      .init(text: conflict.conversation == nil ? "settings" : conflict.object.short, paint: style.yellow),
      .init(text: conflict.facet.argument, paint: style.bold),
      .init(text: conflict.conversation?.title ?? "", paint: style.dim),
    ])
    title.fit(style.columns, cutting: [(2, 0), (1, 8)])
    let rows = conflict.contenders.flatMap { contender in
      // To be copied as it is: one that a terminal does not show whole is for --json.
      let command = resolve ? conflict.command(writing: contender.value) : nil
      let line = command.map { $0 == TextWidth.printable($0) ? $0 : "(cannot be shown whole here: see --json)" }
      return [words.row(contender, style)] + (resolve ? ["    " + (line ?? "(no command writes this)")] : [])
    }
    return ([title.text] + rows).joined(separator: "\n")
  }
}

/// A conflict, as `inspect conflicts --json` prints it.
struct ConflictReport: Encodable {
  /// Null for a setting.
  @Nullable var conversation: String?
  @Nullable var title: String?
  var object: String
  /// As `inspect why` takes it.
  var what: String
  var contenders: [ContenderReport]
  /// By the value's place among the contenders the command that settles it with that one; null where there is none.
  var resolve: [String?]

  init(_ conflict: Conflict, _ names: [LogID: String]) {
    conversation = conflict.conversation?.id.description
    title = conflict.conversation?.title
    object = conflict.object.description
    what = conflict.facet.argument
    contenders = conflict.contenders.map { ContenderReport($0, names) }
    resolve = conflict.contenders.map { conflict.command(writing: $0.value) }
  }
}

extension Conflict {
  /// The command that writes a value, having seen all that stand; nil where no command writes that.
  fileprivate func command(writing value: String?) -> String? {
    let id = object.description
    let text = value.map(Self.quoted)
    switch facet {
    case .title: return text.map { "anabranch title \(id) -- \($0)" }
    case .archived: return "anabranch \(value == "true" ? "archive" : "unarchive") \(id)"
    case .pinned: return "anabranch \(value == "true" ? "pin" : "unpin") \(id)"
    case .field(let name):
      let place = conversation == nil ? "settings\(text == nil ? " --remove" : "")" : "field \(id)"
      return (["anabranch \(place) -- \(Self.quoted(name))"] + (text.map { [$0] } ?? [])).joined(separator: " ")
    case .model, .tag, .folder, .trash: return nil
    }
  }

  /// A word as a shell takes it whole, whatever is in it.
  private static func quoted(_ text: String) -> String {
    "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
  }
}
