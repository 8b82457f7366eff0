internal import Anabranch

/// Says in words why something is as it is.
struct WhyWords {
  let facet: Facet
  let object: ObjectID
  let contenders: [Contender]
  let names: [LogID: String]

  init(_ facet: Facet, of object: ObjectID, _ contenders: [Contender], names: [LogID: String]) {
    (self.facet, self.object, self.contenders, self.names) = (facet, object, contenders, names)
  }

  func text(_ style: Style) -> String {
    var lines = [style.bold(TextWidth.fit(summary, style.columns))]
    for contender in contenders {
      lines.append("")
      lines.append(row(contender, style))
      lines += Self.indented(reason(contender), style)
      lines += Self.indented(basis(contender), style).map(style.dim)
    }
    if let settling {
      lines += [""] + TextWidth.wrap(settling, style.columns).map(String.init)
    }
    return lines.joined(separator: "\n")
  }

  private static func indented(_ text: String, _ style: Style) -> [String] {
    TextWidth.wrap(text, style.columns - 4).map { "    " + $0 }
  }

  // MARK: What is so

  /// What stands, and was not taken away again.
  private var shown: Contender? {
    contenders.first { $0.fate == .stands }
  }

  private var summary: String {
    let name = object.short
    guard !contenders.isEmpty else {
      return facet == .trash
        ? "Nobody ever deleted \(name)." : "Nobody ever did anything to the \(facet.noun) of \(name)."
    }
    let value = shown?.value.map { "“\($0)”" }
    switch facet {
    case .title, .model, .field: return "The \(facet.noun) of \(name) is \(value ?? "not set")."
    case .archived, .pinned:
      return "\(name) is \(shown?.value == "true" ? "" : "not ")\(facet == .archived ? "archived" : "pinned")."
    case .tag(let word): return "\(name) \(isMember ? "has" : "does not have") the tag “\(word)”."
    case .folder(let word): return "\(name) \(isMember ? "lies" : "does not lie") in the folder “\(word)”."
    case .trash:
      let isHidden = contenders.contains { $0.kind == .trash && $0.fate == .stands }
      return "\(name) \(isHidden ? "lies" : "does not lie") in the trash."
    }
  }

  private var isMember: Bool {
    contenders.contains { $0.kind == .addElement && $0.fate == .stands }
  }

  /// What a person can do where several values stand.
  private var settling: String? {
    let values = Set(contenders.filter(\.fate.isLive).map(\.value))
    guard values.count > 1, facet.isRegister else { return nil }
    return "Several values stand. Whoever writes one now, having seen them all, replaces them."
  }

  // MARK: What was done

  private static let nameColumns = 12
  private static let deedPlace = 4

  /// The line of something that was done.
  func row(_ contender: Contender, _ style: Style) -> String {
    let stands = contender.fate == .stands
    let columns = style.isNarrow ? Self.nameColumns / 2 + 1 : Self.nameColumns
    let name = TextWidth.pad(TextWidth.fit(device(contender.operation.log), columns), columns)
    var row = FieldRow([
      .init(text: stands ? "✓" : "·", paint: { stands ? style.green($0) : style.dim($0) }),
      .init(text: contender.action.actionName.short, paint: style.yellow),
      .init(text: style.isNarrow ? "" : Moment.short(contender.time.milliseconds), paint: style.dim),
      .init(text: name, paint: style.cyan),
      .init(text: deed(contender)),
    ])
    row.fit(style.columns, cutting: [(Self.deedPlace, 1)])
    return row.text
  }

  private func device(_ log: LogID) -> String {
    names[log] ?? String(log.description.prefix(8))
  }

  private func deed(_ contender: Contender) -> String {
    switch contender.kind {
    case .trash: return "deleted it"
    case .restore: return "restored it"
    case _ where facet == .trash: return Self.lastDeeds[contender.kind] ?? "did something to it"
    case .writeRegister:
      switch (facet, contender.value) {
      case (.archived, let value?): return value == "true" ? "archived it" : "brought it back from the archive"
      case (.pinned, let value?): return value == "true" ? "pinned it" : "unpinned it"
      case (_, let value?): return "wrote “\(value)”"
      case (.field, nil): return "took it away"
      case (_, nil): return "wrote what is not on this device"
      }
    case .importConversation: return contender.value.map { "imported “\($0)”" } ?? "imported it"
    case .addElement: return "added it"
    case .removeElement: return "removed it"
    default: return "did something to it"
    }
  }

  /// What somebody did to a conversation last that could keep it out of the trash.
  private static let lastDeeds: [OperationKind: String] = [
    .createConversation: "began it", .createMessage: "said something in it",
    .appendText: "went on with a message of it",
    .editText: "edited a text of it", .writeRegister: "changed a value of it", .addElement: "added something to it",
    .removeElement: "took something away from it", .reinstate: "brought something of it back",
  ]

  // MARK: Why

  private func reason(_ contender: Contender) -> String {
    let other = contender.fate.decidedBy.map { by in
      "\(contender.decidedBy.map { $0.actionName.short } ?? "what was done") on \(device(by.log))"
    }
    switch (contender.fate, other) {
    case (.replaced, let other?) where facet == .trash:
      return "Whoever deleted it by \(other) had seen it."
    case (.replaced, let other?):
      let verb = contender.kind == .addElement ? "Removed" : "Replaced"
      return "\(verb) by \(other), whose writer had seen it."
    case (.outranked(let by, let tiebreak), let other?):
      return "Its writer and that of \(other) had not seen each other's. \(rule(tiebreak, contender, by))"
    case (.withdrawn, let other?): return "Taken back by the undo \(other)."
    case (.overtaken, let other?) where facet == .trash:
      return "It hides what its writer had seen, and that was not \(other)."
    case (.overtaken, let other?):
      return "It took away what its writer had seen, and that was not \(other)."
    case (.yields, let other?): return "What people write themselves, as \(other), goes before what an import says."
    default: return standing(contender)
    }
  }

  private func rule(_ tiebreak: Fate.Tiebreak, _ contender: Contender, _ winner: OperationID) -> String {
    switch tiebreak {
    case .time:
      let times = [winner, contender.operation].map { operation in
        contenders.first { $0.operation == operation }.map { Moment.text($0.time.milliseconds) } ?? ""
      }
      // Within one millisecond the clocks count on.
      guard times[0] != times[1] else { return "The later one shows." }
      return "The later one shows: \(times[0]) is after \(times[1])."
    case .log: return "They were written at the same time: the one of the greater log shows."
    case .place: return "They were written at the same time: the one written last shows."
    }
  }

  private func standing(_ contender: Contender) -> String {
    switch contender.kind {
    case .addElement: return "It counts: no removal that counts had seen it."
    case .removeElement: return "It counts: its writer had seen all that added it, of what counts."
    case .importConversation: return "It shows: nobody has written another one here."
    case .trash: return "It hides it: its writer had seen all that was done to it."
    case _ where facet == .trash: return "It keeps it out of the trash: not all who deleted it had seen this."
    default: break
    }
    let isContested = contenders.contains { other in
      if case .outranked(contender.operation, _) = other.fate { true } else { false }
    }
    return isContested
      ? "It shows: of several that nothing replaced, this one wins; see below."
      : "It shows: nothing that counts replaced it."
  }

  private func basis(_ contender: Contender) -> String {
    let parts = contender.builtOn.entries.map { (name: device($0.log), sequence: $0.sequence) }
      .sorted { ($0.name, $0.sequence) < ($1.name, $1.sequence) }
    guard !parts.isEmpty else { return "It builds on nothing." }
    return "It builds on " + parts.map { "change \($0.sequence) of \($0.name)" }.joined(separator: ", ") + "."
  }
}

extension Facet {
  /// What people call it.
  fileprivate var noun: String {
    switch self {
    case .title: "title"
    case .model: "model"
    case .archived: "archiving"
    case .pinned: "pinning"
    case .field(let name): "field “\(name)”"
    case .tag(let word): "tag “\(word)”"
    case .folder(let word): "folder “\(word)”"
    case .trash: "trash"
    }
  }

  fileprivate var isRegister: Bool {
    switch self {
    case .title, .model, .archived, .pinned, .field: true
    case .tag, .folder, .trash: false
    }
  }
}
