internal import Anabranch

/// Where a conversation diverged, as text: what all had, then what was said at each place since.
struct DivergedView {
  let record: ConversationRecord
  let names: LogNames
  let style: Style

  /// Those conversations, and how many there are beside them of `count`; `more` says how to see these.
  static func text(
    _ records: [ConversationRecord], of count: Int, _ names: LogNames, _ style: Style, more: String
  ) -> String {
    var parts = records.map { DivergedView(record: $0, names: names, style: style).text }
    let rest = count - records.count
    let note = "… and \(Count.text(rest, "more conversation")); \(more)"
    if rest > 0 {
      parts.append(TextWidth.wrap(note, style.columns).map { style.dim(String($0)) }.joined(separator: "\n"))
    }
    return parts.joined(separator: "\n\n")
  }

  var text: String {
    var title = FieldRow([
      .init(text: record.summary.id.short, paint: style.yellow),
      .init(text: record.summary.title ?? "(no title)", paint: style.bold),
    ])
    title.fit(style.columns, cutting: [(1, 8)])
    return ([title.text] + record.divergences.flatMap(lines)).joined(separator: "\n")
  }

  private func lines(_ divergence: Divergence) -> [String] {
    let beginning =
      divergence.ancestor.map { ["All had", line($0, beside: "│ ")] } ?? ["They began without knowing of each other's."]
    let last = divergence.branches.count - 1
    let branches = divergence.branches.enumerated().flatMap { index, branch in
      let (joint, lane) = index < last ? ("├─", "│ ") : ("╰─", "  ")
      return [joint + style.cyan(heading(branch))] + excerpt(branch.messages, beside: lane)
    }
    let order =
      divergence.readsInOrder
      ? "It reads in this order." : "It reads in another order: see `anabranch show \(record.summary.id.short)`."
    let next =
      divergence.isGoneOnWith
      ? "What a person says next follows all of them."
      : "Another branch was written later: what is said next goes on there."
    let notes = ["\(order) \(next)"] + resumedNotes(divergence)
    return beginning + branches + notes.flatMap { TextWidth.wrap($0, style.columns) }.map { style.dim(String($0)) }
  }

  /// Of each device that wrote at several places, which one that knows what it says itself does not do: how that can be.
  private func resumedNotes(_ divergence: Divergence) -> [String] {
    let logs = divergence.branches.map { Set($0.messages.map(\.log)) }
    let writers = divergence.branches.map { $0.messages.writers(names) { String($0.description.prefix(8)) } }
    let all = logs.reduce(into: Set()) { $0.formUnion($1) }
    let resumed = Set(writers.flatMap(\.self)).sorted().filter { name in
      writers.count { $0.contains(name) } > 1 && all.count { names[$0] == name } > 1
    }
    return resumed.map {
      "\(TextWidth.printable($0)) writes several logs: it was set back, copied or repaired in the meantime."
    }
  }

  private func heading(_ branch: Divergence.Branch) -> String {
    let writers = branch.messages.writers(names) { String($0.description.prefix(8)) }.joined(separator: " and ")
    let count = Count.messages(branch.messages.count) + (branch.after.map { " after \($0.id.short)" } ?? " since")
    return TextWidth.fit(TextWidth.printable(writers), style.columns - 4 - count.count) + ", " + count
  }

  /// So many messages of a place are shown; of more, the first and the last ones.
  private static let shownMax = 5

  private func excerpt(_ messages: [MessageRecord], beside lane: String) -> [String] {
    guard messages.count > Self.shownMax else { return messages.map { line($0, beside: lane + "  ") } }
    let hidden = messages.count - Self.shownMax + 1
    return messages.prefix(2).map { line($0, beside: lane + "  ") }
      + ["\(lane)  " + style.dim("… \(Count.text(hidden, "more message"))")]
      + messages.suffix(Self.shownMax - 3).map { line($0, beside: lane + "  ") }
  }

  private func line(_ message: MessageRecord, beside lane: String) -> String {
    lane + message.line(style, columns: style.columns - TextWidth.columns(lane))
  }
}
