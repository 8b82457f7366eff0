internal import Anabranch

/// How two histories differ, as text: the changes that one of them lacks, then each conversation.
struct HistoryDifferenceView {
  let difference: HistoryDifference
  let style: Style

  var text: String {
    guard difference.count > 0 || !difference.logs.isEmpty else { return style.dim("Nothing differs.") }
    var lines = difference.logs.map(line)
    if difference.count == 0 { lines.append(style.dim("All conversations show the same.")) }
    lines += difference.conversations.flatMap { [""] + self.lines($0) }
    let rest = difference.count - difference.conversations.count
    if rest > 0 { lines += ["", style.dim("… and \(Count.text(rest, "more conversation")); --limit")] }
    return lines.joined(separator: "\n")
  }

  private func line(_ log: HistoryDifference.Log) -> String {
    let (low, high) = (min(log.before, log.after), max(log.before, log.after))
    let numbers = high - low == 1 ? "\(high)" : "\(low + 1) to \(high)"
    let sign = log.forkedAt != nil ? "~" : log.after > log.before ? "+" : "-"
    let words = log.forkedAt.map { "forked: from change \($0) on the two hold different ones" }
    var row = FieldRow([
      .init(text: sign, paint: paint(sign)),
      .init(text: String(log.log.description.prefix(8)), paint: style.yellow),
      .init(text: TextWidth.pad(log.device ?? "unknown", 12), paint: style.cyan),
      .init(text: words ?? "\(Count.changes(Int(high - low))), \(numbers)"),
    ])
    row.fit(style.columns, cutting: [(2, 4)])
    return row.text
  }

  private func lines(_ conversation: ConversationDifference) -> [String] {
    let sign = Self.sign(conversation.before, conversation.after)
    let summary = conversation.after ?? conversation.before
    var title = FieldRow([
      .init(text: sign, paint: paint(sign)), .init(text: conversation.id.short, paint: style.yellow),
      .init(text: summary?.title ?? "(no title)", paint: style.bold),
      .init(text: sign == "~" ? "" : Count.messages(summary?.messages ?? 0), paint: style.dim),
    ])
    title.fit(style.columns, cutting: [(2, 8)])
    guard sign == "~" else { return [title.text] }
    let lines = conversation.values.map(line) + excerpt(conversation.messages)
    return [title.text] + (lines.isEmpty ? ["    " + style.dim("What differs does not show.")] : lines)
  }

  /// So many messages of a conversation are shown; of more, the first and the last ones.
  private static let shownMax = 9

  private func excerpt(_ messages: [ConversationDifference.Message]) -> [String] {
    guard messages.count > Self.shownMax else { return messages.map(line) }
    let half = Self.shownMax / 2
    return messages.prefix(half).map(line)
      + ["    " + style.dim("… \(Count.text(messages.count - 2 * half, "more message"))")]
      + messages.suffix(half).map(line)
  }

  private func line(_ value: ConversationDifference.Value) -> String {
    func words(_ values: [String]) -> String {
      values.isEmpty ? "none" : values.map { "“\(Self.oneLine($0))”" }.joined(separator: " ")
    }
    let change: String
    var cut: (String, Int) -> String = { TextWidth.fit($0, $1) }
    switch value.name {
    case "archived", "pinned": change = value.after.isEmpty ? "no more" : "now"
    case "unread":
      let counts = [value.before, value.after].map { $0.first ?? "not marked" }
      change = counts.joined(separator: " → ")
    case "trash": change = value.after.isEmpty ? "out of it" : "in it now"
    case "tags", "folders":
      let gone = value.before.filter { !value.after.contains($0) }.map { "- “\($0)”" }
      let new = value.after.filter { !value.before.contains($0) }.map { "+ “\($0)”" }
      change = Self.oneLine((gone + new).joined(separator: "  "))
    default:
      change = "\(words(value.before)) → \(words(value.after))"
      if let before = value.before.first, let after = value.after.first {
        let both = ChangedWords(before, after)
        if !both.isSame { cut = { both.fit($1) } }
      }
    }
    var row = FieldRow([
      .init(text: "   "), .init(text: TextWidth.pad(value.name, 9), paint: style.bold), .init(text: change, cut: cut),
    ])
    row.fit(style.columns, cutting: [(2, 16), (1, 6)])
    return row.text
  }

  private func line(_ message: ConversationDifference.Message) -> String {
    guard let shown = message.after ?? message.before else { return "" }
    let sign = Self.sign(message.before, message.after)
    let both = Self.changedWords(message)
    let words = FieldRow.Field(
      text: both?.text ?? Self.words(shown), cut: both.map { both in { both.fit($1) } } ?? { TextWidth.fit($0, $1) })
    var row = FieldRow([
      .init(text: "  "), .init(text: sign, paint: paint(sign)), .init(text: shown.id.short, paint: style.yellow),
      .init(text: Moment.short(shown.created), paint: style.dim),
      .init(text: TextWidth.pad(shown.role.name, 9), paint: style.bold), words,
      .init(text: Self.remark(message), paint: style.dim),
    ])
    row.fit(style.columns, cutting: [(5, 8), (4, 4)])
    return row.text
  }

  /// What a message said and says, where that differs and both are here.
  private static func changedWords(_ message: ConversationDifference.Message) -> ChangedWords? {
    guard let before = message.before, let after = message.after, before.content != nil, after.content != nil else {
      return nil
    }
    let words = ChangedWords(before.text, after.text)
    return words.isSame ? nil : words
  }

  /// What else than its words differs.
  private static func remark(_ message: ConversationDifference.Message) -> String {
    guard let before = message.before, let after = message.after else { return "" }
    var remarks: [String] = []
    if before.content != nil, after.content != nil, before.text != after.text, changedWords(message) == nil {
      remarks.append("other line breaks or spaces")
    }
    if before.isPurged != after.isPurged { remarks.append("purged") }
    if before.isPinned != after.isPinned { remarks.append(after.isPinned ? "pinned" : "not pinned any more") }
    if before.attachments.map(\.id) != after.attachments.map(\.id) { remarks.append("other files") }
    if before.parents != after.parents { remarks.append("elsewhere") }
    if before.role != after.role { remarks.append("another role") }
    if let old = before.content, let new = after.content {
      if old.model != new.model { remarks.append("another model") }
      if old.author != new.author { remarks.append("another author") }
      if remarks.isEmpty, old.text == new.text, old.verbatim != new.verbatim {
        remarks.append("other things its source says")
      }
    }
    return remarks.joined(separator: ", ")
  }

  private static func words(_ message: MessageRecord) -> String {
    message.content == nil ? message.isPurged ? "(purged)" : "(not on this device)" : "“\(oneLine(message.text))”"
  }

  private static func oneLine(_ text: String) -> String {
    text.split(whereSeparator: \.isNewline).joined(separator: " ")
  }

  private static func sign<Side>(_ before: Side?, _ after: Side?) -> String {
    before == nil ? "+" : after == nil ? "-" : "~"
  }

  private func paint(_ sign: String) -> (String) -> String {
    switch sign {
    case "+": style.green
    case "-": style.red
    default: style.yellow
    }
  }
}
