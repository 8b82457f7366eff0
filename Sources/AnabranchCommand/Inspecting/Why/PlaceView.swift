internal import Anabranch

/// Why a message stands where it does in its conversation, as text.
struct PlaceView {
  let place: MessagePlace
  let record: ConversationRecord
  let names: LogNames
  let style: Style

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

  private var isImported: Bool {
    if case .imported = place.message.id { true } else { false }
  }

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
        "\(first.id.short) was written first, at \(time), and \(second.id.short) at \(other): the earlier one goes first, "
          + "with what goes on from it."
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
}
