internal import Anabranch

/// Why something that was done fared as it did, in words.
extension WhyWords {
  func reason(_ contender: Contender) -> String {
    reasonOfFate(contender) + textNote(contender) + (contender.need.map { " " + $0.words(names) } ?? "")
  }

  private func reasonOfFate(_ contender: Contender) -> String {
    let other = contender.fate.decidedBy.map { by in
      "\(contender.decidedBy.map { $0.actionName.short } ?? "what was done") on \(names.called(by.log))"
    }
    switch (contender.fate, other) {
    case (.replaced(let by), let other?) where contender.kind == .trash: return answer(by, other)
    case (.replaced, let other?) where facet == .trash: return "Whoever deleted it by \(other) had seen it."
    case (.replaced, let other?) where facet == .message: return "Whoever took it back by \(other) had seen it."
    case (.replaced, let other?):
      let verb = contender.kind == .addElement ? "Removed" : "Replaced"
      return "\(verb) by \(other), whose writer had seen it." + clockNote(contender)
    case (.outranked(let by, let tiebreak), let other?):
      return "Its writer and that of \(other) had not seen each other's. \(rule(tiebreak, contender, by))"
    case (.withdrawn, let other?) where contender.kind == .withdraw:
      return "Undone in turn by \(other)\(more(contender))."
    case (.withdrawn(let by), let other?) where facet == .trash:
      return "Taken back by the undo \(other)\(moment(of: by))."
    case (.withdrawn, let other?): return "Taken back by the undo \(other)\(more(contender))."
    case (.overtaken, let other?) where facet == .trash:
      return "It hides only what its writer had seen, and that was not \(other)."
    case (.overtaken(let by), let other?) where facet == .message: return overtakenUndo(by, other)
    case (.overtaken, let other?):
      return "It took away what its writer had seen, and that was not \(other)."
    case (.incomplete, let other?):
      return "It takes back the imports that it names, and not \(other), which imported it too."
    case (.yields, let other?) where facet == .trash:
      return "Whoever deleted it by \(other) had not seen this; but an import brings nothing back from the trash."
    case (.yields, let other?): return "What people write themselves, as \(other), goes before what an import says."
    case (.passedOver(let by, let tiebreak), let other?): return passing(tiebreak, contender, by, other)
    case (.purged(let by), let other?):
      let isHere = contenders.contains { $0.operation == by && $0.due != nil }
      return !isHere ? "It is gone for good: \(other) purged it." : "It is hidden for good: \(other) purged it."
    case (.neutral, let other?):
      return "What \(other) did keeps it out of the trash all the same: an undo hides nothing that was deleted before. "
        + "Whoever deletes it now hides it."
    case (.uncounted(let role), _): return "It has no effect: \(Uncounted.reason(role))."
    default: return standing(contender)
    }
  }

  /// How many more undos say the same: to undo the one that is named changes nothing then.
  private func more(_ contender: Contender) -> String {
    contender.moreUndos > 0 ? " and \(contender.moreUndos) more" : ""
  }

  /// What to say of a clock that says that what was replaced came later.
  private func clockNote(_ contender: Contender) -> String {
    guard case .replaced(let by) = contender.fate, let other = contenders.first(where: { $0.operation == by }),
      other.time < contender.time
    else { return "" }
    return " That counts, and not that by its clock this one is the later."
  }

  /// What to say of an import whose text does not show although it goes before the others, and of that whose text does.
  private func textNote(_ contender: Contender) -> String {
    if let from = contender.textFrom {
      let source = contenders.first { $0.operation == from }?.action.actionName.short
      return " But its text is not what shows: that is from \(source ?? "an import into another conversation") on "
        + "\(names.called(from.log)), which was edited, and edits stay on the words that they were made on."
    }
    return contenders.contains { $0.textFrom == contender.operation }
      ? " But the text is from this one, which was edited." : ""
  }

  /// When something that is listed was done.
  private func moment(of operation: OperationID) -> String {
    contenders.first { $0.operation == operation }.map { ", at \(Moment.short($0.time.milliseconds))" } ?? ""
  }

  /// Why a deletion hides nothing any more after what somebody did who had seen it.
  private func answer(_ by: OperationID, _ other: String) -> String {
    contenders.contains { $0.operation == by && $0.kind == .restore }
      ? "Restored by \(other), whose writer had seen the deletion."
      : "It hides what was done before it, and \(other) came after it."
  }

  private func overtakenUndo(_ by: OperationID, _ other: String) -> String {
    let isFollower = contenders.contains { $0.operation == by && $0.other != nil }
    return isFollower
      ? "It does not hide it: a message follows it that shows, by \(other)."
      : "It takes back what its writer had seen, and that was not \(other)."
  }

  private func rule(_ tiebreak: Fate.Tiebreak, _ contender: Contender, _ winner: OperationID) -> String {
    switch tiebreak {
    case .time:
      let times = [winner, contender.operation].map { operation in
        contenders.first { $0.operation == operation }.map { Moment.text($0.time.milliseconds) } ?? ""
      }
      // Within one millisecond the clocks count on.
      guard times[0] != times[1] else { return "The later one shows." + futureNote(winner) }
      return "The later one shows: \(times[0]) is after \(times[1])." + futureNote(winner)
    case .log: return "They were written at the same time: the one of the greater log shows."
    case .place: return "They were written at the same time: the one written last shows."
    case .source, .content: return ""
    }
  }

  /// What to say of what wins by a time that has not come yet.
  private func futureNote(_ winner: OperationID) -> String {
    guard let now, let time = contenders.first(where: { $0.operation == winner })?.time, time.milliseconds > now else {
      return ""
    }
    return " That time has not come yet, by this device's clock: see `anabranch inspect clock`."
  }

  /// Why another import shows in its place.
  private func passing(
    _ tiebreak: Fate.Tiebreak, _ contender: Contender, _ winner: OperationID, _ other: String
  ) -> String {
    let isWhole = !contenders.contains { $0.textFrom != nil }
    let beginning = "Of several imports one shows\(isWhole ? ", whole," : ",") and that is \(other): "
    switch tiebreak {
    case .source:
      func time(_ updated: Int64?) -> String { updated.map { Moment.text($0) } ?? "no time" }
      let newer = contenders.first { $0.operation == winner }?.updated
      return beginning
        + (facet == .message
          ? "its conversation was changed last, by its source, at \(time(newer)), and that of this one at "
          : "its source changed it last at \(time(newer)), and this one's at ") + "\(time(contender.updated))."
    case .content:
      let thing =
        facet == .message ? "their conversations were changed last, by their sources," : "their sources changed it last"
      return beginning + "\(thing) at the same time, and its contents have the greater hash."
    case .log, .place, .time: return beginning + "they say the same, and its name is the greater."
    }
  }

  private func standing(_ contender: Contender) -> String {
    if facet == .message { return standingOfMessage(contender) }
    switch contender.kind {
    case .trash: return "It hides it: its writer had seen all that was done to it, imports apart."
    case _ where contenders.contains { $0.fate == .withdrawn(by: contender.operation) },
      .restore where contenders.contains { $0.fate == .replaced(by: contender.operation) }:
      return "It took it out of the trash again."
    case _ where facet == .trash: return keepingOut(contender)
    case .addElement: return "It counts: no removal that counts had seen it."
    case .removeElement: return "It counts: its writer had seen all that added it, of what counts."
    case .purge: return purging(contender)
    case .importConversation:
      return contenders.contains { $0.fate.isPassedOver(for: contender.operation) }
        ? "It shows: nobody has written another one here, and of several imports this one goes before the others; see below."
        : "It shows: nobody has written another one here."
    default: break
    }
    let isContested = contenders.contains { other in
      if case .outranked(contender.operation, _) = other.fate { true } else { false }
    }
    return isContested
      ? "It shows: of several that nothing replaced, this one wins; see below."
      : "It shows: nothing that counts replaced it."
  }

  private func keepingOut(_ contender: Contender) -> String {
    let cause =
      if contender.sawDeletions {
        "it came after the deletion."
      } else if contenders.count(where: { $0.kind == .trash }) > 1 {
        "not all who deleted it had seen this."
      } else {
        "whoever deleted it had not seen this."
      }
    guard let undo = contender.undoneBy else { return "It keeps it out of the trash: \(cause)" }
    return
      "Taken back by the undo \(undo.actionName.short) on \(names.called(undo.log)); but it keeps it out of the trash all the "
      + "same: \(cause)"
  }

  private func purging(_ contender: Contender) -> String {
    let taking = "It takes it from every device, whatever else was done to it or will be."
    guard let due = contender.due else { return taking }
    return taking + " Its bytes go from this device " + (due > 0 ? "after \(Moment.short(due))." : "now.")
  }

  private func standingOfMessage(_ contender: Contender) -> String {
    switch (contender.kind, contender.other) {
    case (.createMessage, .some), (.importMessage, .some):
      return "It keeps it: what a message that shows follows shows too."
    case (.createMessage, nil), (.importMessage, nil):
      if contenders.contains(where: { $0.fate == .incomplete(beside: contender.operation) }) {
        return "It shows: nobody took this import back, only another one."
      }
      if contenders.contains(where: { $0.kind == .withdraw && !$0.fate.isWithdrawn && !$0.fate.isUncounted }) {
        return "It shows, though somebody took it back: something keeps it."
      }
      return contenders.contains { $0.fate.isPassedOver(for: contender.operation) }
        ? "It shows: of several imports this one goes before the others; see below." : "It counts: nobody took it back."
    case (.withdraw, _):
      return "It hides it: its writer had seen all that was done to it, and nothing follows it that shows."
    case (.reinstate, _) where contenders.contains { $0.fate == .withdrawn(by: contender.operation) }:
      return "It ended an undo: what that took back counts again."
    case (.purge, _): return purging(contender)
    case (.trash, let conversation):
      return "It hides the conversation, and the message with it: see `anabranch inspect why "
        + "\(conversation?.short ?? "") trash`."
    default: return "It keeps it: not all who took it back had seen this."
    }
  }

  func basis(_ contender: Contender) -> String {
    let parts = contender.builtOn.entries.sorted {
      (device($0.log), $0.sequence, $0.log) < (device($1.log), $1.sequence, $1.log)
    }
    guard !parts.isEmpty else { return "It builds on nothing." }
    return "It builds on "
      + parts.map { "change \($0.sequence) of \(names.called($0.log))" }.joined(separator: ", ") + "."
  }
}

extension Fate {
  fileprivate func isPassedOver(for operation: OperationID) -> Bool {
    if case .passedOver(operation, _) = self { true } else { false }
  }

  fileprivate var isWithdrawn: Bool {
    if case .withdrawn = self { true } else { false }
  }

  var isUncounted: Bool {
    if case .uncounted = self { true } else { false }
  }
}
