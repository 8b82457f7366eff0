internal import Anabranch

/// A conversation as text: its title and marks, then every message beside the graph.
struct ConversationView {
  private let record: ConversationRecord
  private let names: [LogID: String]
  private let style: Style
  /// How many lines of each message are shown; nil for all.
  private let linesMax: Int?

  init(_ record: ConversationRecord, names: [LogID: String], style: Style, linesMax: Int? = nil) {
    self.record = record
    self.names = names
    self.style = style
    self.linesMax = linesMax
  }

  var text: String {
    (heading + [""] + messages).joined(separator: "\n")
  }

  private var heading: [String] {
    let summary = record.summary
    var lines = [style.bold(TextWidth.fit(summary.title ?? "(no title)", style.columns))]
    var facts = [style.yellow(summary.id.description), "\(summary.messages) messages"]
    if summary.tips > 1 { facts.append("\(summary.tips) tips") }
    lines.append(facts.joined(separator: style.dim(" · ")))
    if !summary.tags.isEmpty {
      lines.append(style.cyan(summary.tags.map { "#" + TextWidth.printable($0) }.joined(separator: " ")))
    }
    if summary.trashed { lines.append(style.red("in the trash")) }
    if !record.diverged.isEmpty {
      lines.append(style.magenta("diverged: written on several devices without knowledge of each other"))
    }
    lines += conflicts
    return lines
  }

  private var conflicts: [String] {
    guard Set(record.titles.map(\.bytes)).count > 1 else { return [] }
    return record.titles.enumerated().map { index, value in
      let mark = index == 0 ? style.green("shows") : style.dim("  or ")
      return "\(mark) “\(TextWidth.fit(value.text ?? "", 40))” "
        + style.dim("by \(name(value.operation.log)), \(Timestamp.short(value.time.milliseconds))")
    }
  }

  private var messages: [String] {
    let positions = Dictionary(uniqueKeysWithValues: record.messages.enumerated().map { ($1.id, $0) })
    var graph = GraphDrawing(parents: record.messages.map { $0.parents.compactMap { positions[$0] } })
    var lines: [String] = []
    for (index, message) in record.messages.enumerated() {
      let step = graph.step(index)
      if let joining = step.joining { lines.append(style.dim(joining)) }
      lines.append(step.node + head(of: message))
      lines += body(of: message, beside: step.beside)
      if let parting = step.parting { lines.append(style.dim(parting)) }
    }
    return lines.map(\.withoutTrailingSpace)
  }

  private func head(of message: MessageRecord) -> String {
    let id = String(message.id.description.prefix(8))
    var parts = [style.bold(role(message)), style.yellow(id), style.dim(Timestamp.short(message.created))]
    if let model = message.content?.model { parts.append(style.dim(TextWidth.fit(model, 24))) }
    parts.append(writer(message.log))
    if message.startsLine { parts.append(style.dim("branch")) }
    return parts.joined(separator: "  ")
  }

  private func role(_ message: MessageRecord) -> String {
    message.content?.author.map { TextWidth.fit("\(message.role.name) \($0)", 24) } ?? message.role.name
  }

  private func body(of message: MessageRecord, beside lanes: String) -> [String] {
    let margin = lanes
    guard message.content != nil else { return [margin + style.dim("(not on this device)")] }
    var lines = TextWidth.wrap(message.text, max(20, style.columns - TextWidth.columns(margin)))
    if let linesMax, lines.count > linesMax {
      lines = lines.prefix(linesMax) + [style.dim("…")]
    }
    return lines.map { style.dim(margin) + $0 }
  }

  private func writer(_ log: LogID) -> String {
    let number = names.keys.sorted().firstIndex(of: log) ?? Int(log.bytes.low % 6)
    return style.hue(number, "@" + name(log))
  }

  private func name(_ log: LogID) -> String {
    names[log].map { TextWidth.fit($0, 20) } ?? String(log.description.prefix(8))
  }
}
