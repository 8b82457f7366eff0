internal import Anabranch

/// Where several values stand, as text: what they are values of, then each of them, the one that shows first.
struct ConflictView {
  let conflict: Conflict
  let names: LogNames
  /// The folder that was named, and is to be named in commands.
  var home: String?

  /// With `resolving`, below each value the command that would settle it with that one.
  func text(_ style: Style, resolving: Bool = false) -> String {
    let words = WhyWords(conflict.facet, of: conflict.object, conflict.contenders, names: names)
    var title = FieldRow([
      .init(text: conflict.conversation == nil ? "settings" : conflict.object.short, paint: style.yellow),
      .init(text: conflict.facet.argument, paint: style.bold),
      .init(text: conflict.conversation?.title ?? "", paint: style.dim),
    ])
    title.fit(style.columns, cutting: [(2, 0), (1, 8)])
    let rows = conflict.contenders.flatMap { contender in
      [words.row(contender, style)] + (resolving ? ["    " + command(writing: contender.value)] : [])
    }
    return ([title.text] + rows).joined(separator: "\n")
  }

  private func command(writing value: String?) -> String {
    guard let command = conflict.command(writing: value, home: home) else { return "(no command writes this)" }
    // To be copied as it is: one that a terminal does not show whole is for --json.
    return command == TextWidth.printable(command) ? command : "(cannot be shown whole here: see --json)"
  }
}

extension Conflict {
  /// The command that writes a value to the replica in `home`, where that was named, having seen all that stand; nil where no
  /// command writes that.
  func command(writing value: String?, home: String? = nil) -> String? {
    let program = "anabranch" + (home.map { " --home \(Self.quoted($0))" } ?? "")
    return words(writing: value).map { "\(program) \($0)" }
  }

  private func words(writing value: String?) -> String? {
    let id = object.description
    let text = value.map(Self.quoted)
    switch facet {
    case .title: return text.map { "title \(id) -- \($0)" }
    case .archived: return "\(value == "true" ? "archive" : "unarchive") \(id)"
    case .pinned: return "\(value == "true" ? "pin" : "unpin") \(id)"
    case .field(let name):
      let place = conversation == nil ? "settings\(text == nil ? " --remove" : "")" : "field \(id)"
      return (["\(place) -- \(Self.quoted(name))"] + (text.map { [$0] } ?? [])).joined(separator: " ")
    case .model, .tag, .folder, .trash, .message, .purge: return nil
    }
  }

  /// A word as a shell takes it whole, whatever is in it.
  private static func quoted(_ text: String) -> String {
    "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
  }
}
