internal import Anabranch

/// Why a message stands where it does in its conversation, as text.
struct PlaceView {
  let place: MessagePlace
  let record: ConversationRecord
  let names: LogNames
  let style: Style
  /// What the reader's clock says, milliseconds since 1970; nil where nothing is said of times that have not come yet.
  var now: Int64?

  /// So many runs beside a message are shown; the rest are counted.
  private static let shownMax = 20

  var text: String {
    let title = record.summary.title.map { "“\($0)”" } ?? record.summary.id.short
    let summary =
      "\(place.message.id.short) is read as message \(place.position + 1) of \(record.messages.count) in \(title)."
    var lines = [style.bold(TextWidth.fit(summary, style.columns)), ""]
    lines += wrapped(follows) + place.parents.map { "    " + $0.line(style, columns: style.columns - 4) }
    if let goingOn { lines += wrapped(goingOn) }
    guard !place.beside.isEmpty else {
      return (lines + [""] + wrapped("Nothing stands beside it: all others lead to it, or follow from it."))
        .joined(separator: "\n")
    }
    lines += [""] + wrapped("Beside it, since neither follows from the other:")
    for beside in place.beside.prefix(Self.shownMax) { lines += self.lines(beside) }
    let hidden = place.beside.count - Self.shownMax
    if hidden > 0 { lines += ["", style.dim("… \(Count.text(hidden, "more run")); inspect why --json")] }
    return lines.joined(separator: "\n")
  }

  private func wrapped(_ text: String, indent: Int = 0) -> [String] {
    TextWidth.wrap(text, style.columns - indent).map { String(repeating: " ", count: indent) + $0 }
  }

  // MARK: What it follows

  private var isImported: Bool { place.message.isImported }

  private var follows: String {
    let shown = isImported ? "its source has before it" : "its writer was shown"
    if place.message.parents.isEmpty { return "It follows nothing: it is a beginning." }
    switch place.parents.count {
    case 0: return "What it follows is not here."
    case 1: return "It follows the message that \(shown)\(isImported ? "" : " last"):"
    default: return "It follows the \(place.parents.count) ends that \(shown), and joins them:"
    }
  }

  /// How it goes on from that, where there is something to say of it.
  private var goingOn: String? {
    if place.message.startsLine {
      return "It starts a branch: an edited turn, or another answer."
    }
    if let index = place.run.firstIndex(where: { $0.id == place.message.id }), index > 0 {
      return "Nothing else follows that, so it is read right after it."
    }
    return nil
  }

  // MARK: What is beside it

  private func lines(_ beside: MessagePlace.Beside) -> [String] {
    guard let first = beside.run.first else { return [] }
    let writers = beside.run.writers(names) { String($0.description.prefix(8)) }.joined(separator: " and ")
    let heading =
      "\(beside.isBefore ? "↑ before it" : "↓ after it"): \(Count.messages(beside.run.count)), "
      + "\(TextWidth.printable(writers))\(beside.isBranch ? ", another branch" : "")"
    return [
      "", style.cyan(TextWidth.fit(heading, style.columns)), "    " + first.line(style, columns: style.columns - 4),
    ]
      + wrapped(reason(beside), indent: 4)
  }

  private func reason(_ beside: MessagePlace.Beside) -> String {
    guard let compared = beside.compared else {
      return "Their parents go in a circle, as in no honest history: such messages come last, the earlier ones first."
    }
    let (first, second) = (compared.first, compared.second)
    let waiting = beside.isBefore ? place.run.first : beside.run.first
    let rule =
      switch (compared.rule, Moment.textIfKnown(first.created), Moment.textIfKnown(second.created)) {
      case (.time, let time?, let other?):
        Self.order(first, time, second, other) + ": the earlier one goes first, with what goes on from it."
          + note(first) + note(second)
      case (.time, let time, _):
        "\((time == nil ? first : second).id.short) has no time, and counts as written in 1970: the earlier one, "
          + "\(first.id.short), goes before \(second.id.short), with what goes on from it."
      case (.identifier, let time, _):
        "\(time.map { "Both were written at \($0)" } ?? "Neither has a time"): the lesser identifier, "
          + "\(first.id.short), goes before \(second.id.short), with what goes on from it."
      }
    guard let waiting, waiting.id != second.id else { return rule }
    return rule + " \(waiting.id.short) comes after \(second.id.short)."
  }
  /// Which of two was written first, and who says so.
  private static func order(_ first: MessageRecord, _ time: String, _ second: MessageRecord, _ other: String) -> String
  {
    let beginning = "\(first.id.short) was written first, at \(time)"
    switch (first.isImported, second.isImported) {
    case (false, false): return beginning + ", and \(second.id.short) at \(other), by their writers' clocks"
    case (true, true): return beginning + ", and \(second.id.short) at \(other), as their sources date them"
    case (true, false):
      return beginning + " as its source dates it, and \(second.id.short) at \(other) by its writer's clock"
    case (false, true):
      return beginning + " by its writer's clock, and \(second.id.short) at \(other) as its source dates it"
    }
  }

  /// What to say of a time that cannot be when a message was written, or that is not its own.
  private func note(_ message: MessageRecord) -> String {
    let name = message.id.short
    if let now, message.created > now {
      return " The time of \(name) has not come yet, by this device's clock"
        + (message.isImported ? "." : ": see `anabranch inspect clock`.")
    }
    let parents = record.messages.filter { message.parents.contains($0.id) && $0.created != 0 }
    guard let last = parents.map(\.created).max() else { return "" }
    if message.created < last { return " The time of \(name) is before that of what it follows." }
    return message.isImported && message.created == last
      ? " The time of \(name) is that of what it follows, as it is where a source gives none." : ""
  }
}

extension MessageRecord {
  fileprivate var isImported: Bool {
    if case .imported = id { true } else { false }
  }
}
