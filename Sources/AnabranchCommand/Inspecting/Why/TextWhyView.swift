internal import Anabranch

/// Why a text reads as it does, as text.
struct TextWhyView {
  let told: ExplainedText
  let text: WhyText
  let object: ObjectID
  let names: LogNames
  let style: Style
  /// How more of it is shown.
  var more = "--limit"

  var lines: [String] {
    var lines = [style.bold(cut(summary, style.columns))]
    lines += bases
    if told.steps.isEmpty {
      lines += ["", "Nobody has edited it."]
    } else {
      lines += ["", "Then, in this order:"]
      let before = told.stepCount - told.steps.count
      if before > 0 { lines += ["", style.dim("… \(before) more before; \(more)")] }
      for step in told.steps { lines += self.lines(of: step) }
    }
    return lines + meetings + uncounted
  }

  private var summary: String {
    let name = object.short
    let words = told.text.text.isEmpty ? nil : "“\(Self.line(told.text))”"
    switch text {
    case .text: return words.map { "The text of \(name) is \($0)." } ?? "The text of \(name) is empty."
    case .draft: return words.map { "The draft of \(name) is \($0)." } ?? "The draft of \(name) is empty."
    case .notes: return words.map { "The notes of \(name) are \($0)." } ?? "The notes of \(name) are empty."
    }
  }

  // MARK: What it began with

  private var bases: [String] {
    guard let shown = told.bases.first else { return ["", "Nothing was there at first."] }
    var lines = ["", "It began with:", ""]
    lines += entry(true, shown.operation, shown.action, shown.time, deed(of: shown), reasons(for: shown))
    guard told.bases.count > 1 else { return lines }
    lines += ["", "Other imports say something else:"]
    for other in told.bases.dropFirst() {
      let reasons = [reason(for: other, beside: shown)] + self.edits(of: other)
      lines += [""] + entry(false, other.operation, other.action, other.time, deed(of: other), reasons)
    }
    return lines
  }

  private func deed(of base: TextBase) -> String {
    guard base.words.count > 0 else { return "began it empty" }
    let words = base.words.text.isEmpty ? quoted(base.words) : quotedText(base.words)
    return (base.kind == .importMessage ? "imported " : "said ") + words
  }

  private func reasons(for base: TextBase) -> [String] {
    var reasons: [String] = []
    if base.imports > 1 { reasons.append("\(base.imports) imports say the same.") }
    if base.words.purged > 0 { reasons.append("\(Count.text(base.words.purged, "character")) of it went in a purge.") }
    switch told.baseShown {
    case _ where base.words.count == 0: break
    case base.words.count: reasons.append("All of it shows.")
    case 0: reasons.append("Nothing of it shows any more.")
    case _ where !base.words.isCountable: reasons.append("Part of it shows.")
    default: reasons.append("\(told.baseShown) of its \(Count.text(base.words.count, "character")) show.")
    }
    return reasons
  }

  private func reason(for other: TextBase, beside shown: TextBase) -> String {
    let beginning = "Of several texts one shows, whole, and that is of \(who(shown.operation, shown.action)): "
    func time(_ updated: Int64?) -> String { updated.map { Moment.text($0) } ?? "no time" }
    switch other.standing {
    case .shown: return "It shows."
    case .unedited:
      return "It does not show: edits stay on the words that they were made on, and nobody edited these."
    case .withdrawn(let by): return "Taken back by the undo \(who(by))."
    case .passedOver(.source):
      return beginning
        + "its conversation was changed last, by its source, at \(time(shown.updated)), and that of this one at "
        + "\(time(other.updated))."
    case .passedOver(.content):
      return beginning
        + "their conversations were changed last, by their sources, at the same time, and its contents have the "
        + "greater hash."
    case .passedOver: return beginning + "their sources and hashes tell nothing apart, and its name is the greater."
    }
  }

  private func edits(of base: TextBase) -> [String] {
    base.edits > 0
      ? ["\(Count.text(base.edits, "edit")) of it, which \(base.edits == 1 ? "does" : "do") not show either."] : []
  }

  // MARK: What was done to it

  private func lines(of told: ExplainedText.Step) -> [String] {
    let step = told.step
    let isEffective = told.undoneBy == nil && (step.deleted > 0 || step.shown > 0)
    var reasons = [seen(by: step)]
    // What the line may have no room for comes first below it.
    let isLong = step.editCount > 1 || step.edits.contains { !$0.words.text.isEmpty && $0.words.isIncomplete }
    if isLong { reasons.insert("It \(deeds(of: step)).", at: 0) }
    if step.inserted > 0, step.shown == 0 {
      reasons.append("Nothing of what it inserted shows any more.")
    } else if step.shown < step.inserted {
      let isCountable = step.editCount == step.edits.count && step.edits.allSatisfy(\.words.isCountable)
      reasons.append(
        isCountable
          ? "\(step.shown) of the \(Count.text(step.inserted, "character")) that it inserted show."
          : "Part of what it inserted shows.")
    }
    if !told.undoes.isEmpty {
      let named = told.undoes.prefix(Self.othersMax).map { who($0) }
      reasons.append("It is an undo: it took back \(list(named, more: told.undoes.count - named.count)).")
    }
    if let undo = told.undoneBy {
      reasons.append("Taken back by the undo \(list([who(undo)], more: told.moreUndos)), as far as it stood.")
    }
    if let need = told.need { reasons.append(need.words(names)) }
    let deed = isLong ? "made \(Count.text(step.editCount, "edit"))" : deeds(of: step)
    return [""] + entry(isEffective, step.operation, told.action, step.time, deed, reasons)
  }

  /// What it did, one after the other.
  private func deeds(of step: TextExplanation.Step) -> String {
    let shown = step.edits.prefix(Self.editsMax)
    let parts = shown.enumerated().map { index, edit in
      let isLike = index > 0 && shown[index - 1].isDeletion == edit.isDeletion
      return (isLike ? "" : edit.isDeletion ? "deleted " : "inserted ") + quoted(edit.words)
    }
    return list(parts, more: step.editCount - shown.count)
  }

  /// What its writer had seen.
  private func seen(by step: TextExplanation.Step) -> String {
    guard step.concurrentCount > 0 else {
      let others = told.uncountedCount == 0 ? "nobody else wrote" : "nobody whose edits count wrote"
      return "Its writer had seen all before it; \(others) meanwhile."
    }
    var others: [String] = []
    for name in step.concurrent.map({ who($0) }) where !others.contains(name) { others.append(name) }
    let named = Set(others.prefix(Self.othersMax))
    let more = step.concurrentCount - step.concurrent.count { named.contains(who($0)) }
    return
      "Its writer and \(others.count + more == 1 ? "that" : "those") of \(list(Array(others.prefix(Self.othersMax)), more: more)) "
      + "had not seen each other's."
  }

  // MARK: What has no effect

  private var uncounted: [String] {
    guard !told.uncounted.isEmpty else { return [] }
    var lines = ["", "Without effect:"]
    let before = told.uncountedCount - told.uncounted.count
    if before > 0 { lines += ["", style.dim("… \(before) before; \(more)")] }
    for one in told.uncounted {
      let deeds = deeds(of: one)
      let reason = "It does not count: \(Uncounted.reason(one.role))."
      let isLong = one.insertions.count > 1
      lines += [""]
      lines += entry(
        false, one.operation, one.action, one.time, isLong ? "made \(Count.text(one.editCount, "edit"))" : deeds,
        (isLong ? ["It \(deeds)."] : []) + [reason])
    }
    return lines
  }

  /// What would have been inserted, place by place, and how much deleted.
  private func deeds(of one: ExplainedText.Uncounted) -> String {
    let shown = one.insertions.prefix(Self.editsMax)
    let rest = one.inserted.count - shown.reduce(0) { $0 + $1.count }
    var deeds: [String] = []
    if !shown.isEmpty {
      let more = rest > 0 ? [one.inserted.isCountable ? Count.text(rest, "more character") : "more"] : []
      deeds.append("inserted \(list(shown.map { quoted($0) } + more))")
    }
    if one.deleted > 0 {
      // What it would have deleted may be of what is here, or of what was there at first.
      let isCountable = told.text.isCountable && told.bases.allSatisfy(\.words.isCountable)
      deeds.append("deleted \(isCountable ? Count.text(one.deleted, "character") : "something")")
    }
    return deeds.joined(separator: ", ")
  }

  // MARK: Words

  private static let editsMax = 4
  private static let wordsColumns = 40
  static let othersMax = 3

  private func entry(
    _ stands: Bool, _ operation: OperationID, _ action: ChangeID, _ time: HybridTime, _ deed: String,
    _ reasons: [String]
  ) -> [String] {
    [WhyWords.row(stands: stands, action, time, device(operation.log), deed, style)] + indented(reasons)
  }

  func indented(_ sentences: [String]) -> [String] {
    sentences.isEmpty ? [] : TextWidth.wrap(sentences.joined(separator: " "), style.columns - 4).map { "    " + $0 }
  }

  private func device(_ log: LogID) -> String {
    names[log] ?? String(log.description.prefix(8))
  }

  /// Who did an operation, by its action.
  func who(_ operation: OperationID) -> String {
    who(operation, told.actions[operation] ?? operation.change)
  }

  private func who(_ operation: OperationID, _ action: ChangeID) -> String {
    "\(action.actionName.short) on \(names.called(operation.log))"
  }

  private func who(_ action: ChangeID) -> String {
    "\(action.actionName.short) on \(names.called(action.log))"
  }

  /// `a`, `a and b`, `a, b and 3 more`.
  func list(_ items: [String], more: Int = 0) -> String {
    let all = items + (more > 0 ? ["\(more) more"] : [])
    guard let last = all.last, all.count > 1 else { return all.first ?? "" }
    return all.dropLast().joined(separator: ", ") + " and " + last
  }

  /// Words between quotation marks, and what there is to say of those that are not there.
  func quoted(_ words: TextExcerpt) -> String {
    var missing: [String] = []
    if words.purged > 0 { missing.append(Count.text(words.purged, "purged character")) }
    if words.absent > 0 { missing.append("\(Count.text(words.absent, "character")) not on this device") }
    return list((words.text.isEmpty && words.isIncomplete ? [] : [quotedText(words)]) + missing)
  }

  /// Whether ``quoted(_:)`` says more than one thing of them.
  func isPlural(_ words: TextExcerpt) -> Bool {
    let missing = words.purged + words.absent
    return missing > 1 || missing == 1 && !words.text.isEmpty
  }

  private func quotedText(_ words: TextExcerpt) -> String {
    "“\(cut(Self.line(words), Self.wordsColumns))”"
  }

  /// Words in one line.
  private static func line(_ words: TextExcerpt) -> String {
    words.text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).joined(separator: "↵")
      + (words.isCut ? "…" : "")
  }

  /// `text` with all its spaces, in at most so many columns.
  private func cut(_ text: String, _ columns: Int) -> String {
    let text = TextWidth.printable(text)
    guard TextWidth.columns(text) > columns else { return text }
    var (kept, used) = ("", 0)
    for character in text {
      used += TextWidth.columns(String(character))
      if used >= columns { break }
      kept.append(character)
    }
    return kept + "…"
  }
}

extension TextExcerpt {
  /// Whether some of it is not there.
  fileprivate var isIncomplete: Bool { purged + absent > 0 }

  /// Whether each of its scalars is what people call a character, so that these can be counted for them; of words that are cut, as far as
  /// their beginning tells.
  var isCountable: Bool {
    isCut ? text.utf8.allSatisfy { $0 < 0x80 && $0 != UInt8(ascii: "\r") } : text.count == text.unicodeScalars.count
  }
}
