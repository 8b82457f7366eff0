internal import Anabranch

/// Where edits met of which the writers had not seen each other's, as text.
extension TextWhyView {
  var meetings: [String] {
    guard !told.meetings.isEmpty else { return [] }
    var lines = ["", "Where they met:"]
    for told in told.meetings {
      lines.append("")
      lines += TextWidth.wrap(title(told.meeting), style.columns).map { style.cyan(String($0)) }
      lines += indented([told.crossing.map(reason) ?? reason(told.meeting)])
    }
    let more = told.meetingCount - told.meetings.count
    return more > 0 ? lines + ["", style.dim("… and \(more) more; --limit")] : lines
  }

  private func title(_ meeting: TextExplanation.Meeting) -> String {
    switch meeting {
    case .insertions(let first, let second, _):
      return
        "\(quoted(first.text)) of \(who(first.operation)) \(stands(first, first.isShown && second.isShown)) before "
        + "\(quoted(second.text)) of \(who(second.operation))"
    case .deletions(let words, let deleters, _):
      return "\(quoted(words)) \(isPlural(words) ? "were" : "was") deleted by \(list(deleters.map { who($0) }))"
    case .insertion(let words, let deleter):
      return "\(quoted(words.text)) of \(who(words.operation)) \(stands(words, words.isShown)) within what "
        + "\(who(deleter)) deleted"
    }
  }

  private func stands(_ words: TextExplanation.Words, _ isShown: Bool) -> String {
    isShown ? isPlural(words.text) ? "stand" : "stands" : "stood"
  }

  private func reason(_ meeting: TextExplanation.Meeting) -> String {
    switch meeting {
    case .insertions(let first, let second, let rule):
      let place = "Both were inserted at one place\(whatIsGone(of: first, second)). "
      switch rule {
      case .neighbour:
        return place + "What its writer saw right of the first stands further on than what the second one's saw there: "
          + "it goes first, so that words which follow each other stay together."
      case .log:
        let logs = [first, second].map { $0.operation.log.description.prefix(8) }
        return place + "On all devices the one of the lesser log goes first: \(logs[0]) before \(logs[1])."
      case .place: return place + "They are of one log: the one that was written first goes first."
      }
    case .deletions(_, _, nil): return "It disappeared once: nothing else went for it."
    case .deletions(let words, _, let again?):
      let named = again.operations.prefix(Self.othersMax).map { who($0) }
      let undos = "put back by \(list(named, more: again.operations.count - named.count))."
      return again.count < words.count
        ? "It disappeared once. "
          + (words.isCountable
            ? "\(again.count) of its \(Count.text(words.count, "character")) stand again: "
            : "Part of it stands again: ") + undos
        : "It disappeared once, and stands again: \(undos)"
    case .insertion(let words, _):
      let beginning = "A deletion takes what its writer saw, and nobody showed them this"
      guard !words.isShown else { return beginning + ": it stays." }
      let named = words.deleters.prefix(Self.othersMax).map { who($0) }
      return beginning + ". It was deleted by \(list(named, more: words.deleters.count - named.count))."
    }
  }

  private func reason(_ crossing: ExplainedText.Crossing) -> String {
    let undos = crossing.remedy.map { "`anabranch undo \($0.actionName.short)`" }
    return
      "These deletions were all undone, and whoever undid one had not heard of undos of all others: each left these words to a "
      + "deletion that stood there still, and so they are not there. "
      + (undos.isEmpty
        ? "Nothing but writing them again brings them back."
        : [undos.dropLast().joined(separator: ", "), undos.last ?? ""].joined(separator: " and then ")
          + " bring them back.")
  }

  /// Which of two does not show any more, to be said of both; empty where both do.
  private func whatIsGone(of first: TextExplanation.Words, _ second: TextExplanation.Words) -> String {
    switch (first.isShown, second.isShown) {
    case (true, true): ""
    case (false, true): ", and the first one does not show any more"
    case (true, false): ", and the second one does not show any more"
    case (false, false): ", and neither shows any more"
    }
  }
}
