public import Anabranch

/// The form in which a model, or a person, is given a ``ModelContext``.
public enum ContextFormat: String, CaseIterable, Sendable {
  /// The body's `messages` of OpenAI's chat completions, as one JSON object.
  case openai
  /// `system` and `messages` of Anthropic's Messages API, as one JSON object: turns alternate, and a person's is first.
  case anthropic
  /// Text with a heading for each turn.
  case markdown

  /// `context` in this form. Nothing in it depends on the device or the time.
  public func text(of context: ModelContext) -> String {
    switch self {
    case .openai: Self.json([("messages", Self.turns(context).filter { !$0.text.isEmpty })], system: nil)
    case .anthropic: Self.anthropic(context)
    case .markdown: Self.markdown(context)
    }
  }

  private struct Turn {
    var role: String
    var text: String
  }

  /// The messages and the note in order. Who is no role of a chat, a tool say, speaks as a person, with a word before it.
  private static func turns(_ context: ModelContext) -> [Turn] {
    var turns = context.messages.map { message in
      switch message.role {
      case .system, .user, .assistant: return Turn(role: message.role.name, text: message.text)
      default:
        let name = [message.role.name, message.author].compactMap(\.self).joined(separator: " ")
        return Turn(role: Role.user.name, text: "[\(name)]\n\(message.text)")
      }
    }
    if let note = context.note {
      turns.insert(Turn(role: Role.system.name, text: note), at: min(context.noteIndex, turns.count))
    }
    return turns
  }

  private static func anthropic(_ context: ModelContext) -> String {
    var system: [String] = []
    var turns: [Turn] = []
    for turn in Self.turns(context) {
      if turn.role == Role.system.name {
        system.append(turn.text)
      } else if let last = turns.last, last.role == turn.role {
        turns[turns.count - 1].text += "\n\n" + turn.text
      } else {
        turns.append(turn)
      }
    }
    // The first turn has to be a person's.
    if turns.first?.role == Role.assistant.name { turns.insert(Turn(role: Role.user.name, text: "[…]"), at: 0) }
    return json([("messages", turns)], system: system.isEmpty ? nil : system.joined(separator: "\n\n"))
  }

  private static func json(_ lists: [(name: String, turns: [Turn])], system: String?) -> String {
    var output = Array("{".utf8)
    func member(_ name: String, isFirst: Bool) {
      if !isFirst { output.append(UInt8(ascii: ",")) }
      JSONEscaping.append(name, to: &output)
      output.append(UInt8(ascii: ":"))
    }
    for (index, list) in lists.enumerated() {
      member(list.name, isFirst: index == 0)
      output.append(UInt8(ascii: "["))
      for (index, turn) in list.turns.enumerated() {
        if index > 0 { output.append(UInt8(ascii: ",")) }
        output.append(UInt8(ascii: "{"))
        member("role", isFirst: true)
        JSONEscaping.append(turn.role, to: &output)
        member("content", isFirst: false)
        JSONEscaping.append(turn.text, to: &output)
        output.append(UInt8(ascii: "}"))
      }
      output.append(UInt8(ascii: "]"))
    }
    if let system {
      member("system", isFirst: false)
      JSONEscaping.append(system, to: &output)
    }
    return String(decoding: output, as: UTF8.self) + "}"
  }

  private static func markdown(_ context: ModelContext) -> String {
    var parts = [context.title.map { "# \(oneLine($0))" } ?? "# Untitled"]
    for (index, message) in context.messages.enumerated() {
      if index == context.noteIndex, let note = context.note { parts.append("*\(note)*") }
      let name = [message.role.name, message.author.map { "(\(oneLine($0)))" }].compactMap(\.self)
      parts.append("## \(name.joined(separator: " "))\n\n\(message.text)")
    }
    if context.noteIndex >= context.messages.count, let note = context.note { parts.append("*\(note)*") }
    return parts.joined(separator: "\n\n") + "\n"
  }

  private static func oneLine(_ text: String) -> String {
    text.split(whereSeparator: \.isNewline).joined(separator: " ")
  }
}
