internal import Anabranch

/// A conversation as text: its title and marks, then every message beside the graph.
struct ConversationView {
  private let record: ConversationRecord
  private let names: LogNames
  private let style: Style

  init(_ record: ConversationRecord, names: LogNames, style: Style) {
    self.record = record
    self.names = names
    self.style = style
  }

  var text: String {
    let pages = page("Draft", record.draft) + page("Notes", record.notes.withoutFinalLineEnd)
    return (heading + [""] + messages + pages).joined(separator: "\n")
  }

  private var heading: [String] {
    let summary = record.summary
    var lines = [style.bold(TextWidth.fit(summary.title ?? "(no title)", style.columns))]
    var facts = [style.yellow(summary.id.description), Count.messages(summary.messages)]
    if let unread = summary.unread, unread > 0 { facts.append("\(unread) new") }
    if summary.tips > 1 { facts.append("\(summary.tips) tips") }
    lines.append(facts.joined(separator: style.dim(" · ")))
    let tags = summary.tags.map { "#" + TextWidth.printable($0) }.joined(separator: " ")
    if !tags.isEmpty { lines += TextWidth.wrap(tags, style.columns).map { style.cyan(String($0)) } }
    for folder in summary.folders { lines.append("in " + style.cyan(TextWidth.fit(folder, style.columns - 3))) }
    for field in summary.fields {
      lines += TextWidth.wrap("\(field.name): \(field.value)", style.columns).map { style.dim(String($0)) }
    }
    if summary.trashed { lines.append(style.red("in the trash")) }
    if !record.diverged.isEmpty {
      lines.append(style.magenta("diverged: written in several logs without knowledge of each other"))
    }
    lines += conflicts
    return lines
  }

  /// A text that people wrote about the conversation, if they did.
  private func page(_ name: String, _ text: String) -> [String] {
    guard !text.isEmpty else { return [] }
    return ["", style.bold(name)] + TextWidth.wrap(text, style.columns).map(String.init)
  }

  private var conflicts: [String] {
    guard Set(record.titles.map(\.bytes)).count > 1 else { return [] }
    return record.titles.enumerated().map { index, value in
      let mark = index == 0 ? "shows" : "  or "
      let by = "by \(name(value.operation.log)), \(Moment.short(value.time.milliseconds))"
      // Two blanks and two quotation marks stand between.
      let room = style.columns - TextWidth.columns(mark) - TextWidth.columns(by) - 4
      let title = TextWidth.fit(value.text ?? "", max(room, 8))
      return "\(index == 0 ? style.green(mark) : style.dim(mark)) “\(title)” " + style.dim(by)
    }
  }

  private var messages: [String] {
    let positions = Dictionary(uniqueKeysWithValues: record.messages.enumerated().map { ($1.id, $0) })
    var graph = GraphDrawing(
      parents: record.messages.map { $0.parents.compactMap { positions[$0] } }, shownMax: lanesColumns / 2 + 1)
    var lines: [String] = []
    for (index, message) in record.messages.enumerated() {
      let step = graph.step(index)
      if let joining = step.joining { lines.append(style.dim(clipped(joining))) }
      let lanes = clipped(step.node)
      lines.append(lanes + head(of: message, style.columns - TextWidth.columns(lanes)))
      lines += body(of: message, beside: clipped(step.beside))
      if let parting = step.parting { lines.append(style.dim(clipped(parting))) }
    }
    return lines.map { String($0.withoutTrailingSpace) }
  }

  /// Columns that words have at least, however many lanes stand beside them.
  private static let wordsColumns = 40

  /// Columns that lanes have at most.
  private var lanesColumns: Int { max(8, (style.columns - Self.wordsColumns) / 2 * 2) }

  /// Lanes as far as there is room for them; beyond it, an ellipsis, and the node if it is there.
  private func clipped(_ lanes: String) -> String {
    guard lanes.count > lanesColumns else { return lanes }
    let kept = lanes.prefix(lanesColumns - 2)
    return kept + "…" + (lanes.contains("●") && !kept.contains("●") ? "●" : " ")
  }

  private func head(of message: MessageRecord, _ columns: Int) -> String {
    var row = FieldRow([
      .init(text: role(message), paint: style.bold),
      .init(text: message.id.short, paint: style.yellow),
      .init(text: Moment.short(message.created), paint: style.dim),
      .init(text: TextWidth.fit(message.content?.model ?? "", 24), paint: style.dim),
      .init(text: "@" + name(message.log), paint: { style.hue(hue(of: message.log), $0) }),
      .init(text: message.startsLine ? "branch" : "", paint: style.dim),
      .init(text: message.isEdited ? "edited" : "", paint: style.dim),
      .init(text: message.isPinned ? "pinned" : "", paint: style.dim),
    ])
    row.fit(columns, cutting: [(3, 0), (0, message.role.name.count), (4, 4), (2, 0)])
    return row.text
  }

  private func role(_ message: MessageRecord) -> String {
    message.content?.author.map { TextWidth.fit("\(message.role.name) \($0)", 24) } ?? message.role.name
  }

  private func body(of message: MessageRecord, beside lanes: String) -> [String] {
    let margin = lanes
    guard message.content != nil else {
      return [margin + style.dim(message.isPurged ? "(purged)" : "(not on this device)")]
    }
    let lines = TextWidth.wrap(message.text, max(20, style.columns - TextWidth.columns(margin)))
    let files = message.attachments.map { "+ " + AttachmentReport($0).line(style) }
    return (lines.map(String.init) + files).map { style.dim(margin) + $0 }
  }

  private func hue(of log: LogID) -> Int {
    names.logs.sorted().firstIndex(of: log) ?? Int(log.bytes.low % 6)
  }

  private func name(_ log: LogID) -> String {
    names[log].map { TextWidth.fit($0, 20) } ?? String(log.description.prefix(8))
  }
}
