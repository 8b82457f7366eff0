internal import Anabranch

/// Says in words why something is as it is.
struct WhyWords {
  let facet: Facet
  let object: ObjectID
  let contenders: [Contender]
  let names: LogNames
  /// What the reader's clock says, milliseconds since 1970; nil where nothing is said of times that have not come yet.
  let now: Int64?

  init(
    _ facet: Facet, of object: ObjectID, _ contenders: [Contender], names: LogNames, now: Int64? = nil
  ) {
    (self.facet, self.object, self.contenders, self.names, self.now) = (facet, object, contenders, names, now)
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
      switch (facet, object) {
      case (.trash, _): return "Nobody ever deleted \(name)."
      case (.purge, _): return "Nobody ever purged \(name)."
      case (.archived, _): return "Nobody ever archived \(name), or brought it back."
      case (.pinned, _): return "Nobody ever pinned or unpinned \(name)."
      case (.field(let setting), .settings): return "Nobody ever set “\(setting)”."
      default: return "Nobody ever did anything to the \(facet.noun) of \(name)."
      }
    }
    let value = shown?.value.map { "“\($0)”" }
    switch facet {
    case .message: return messageSummary
    case .purge:
      return shown == nil
        ? "Nobody who might do it purged \(name)."
        : purged("The conversation \(name)")
    case .field(let setting) where object == .settings: return "The setting “\(setting)” is \(value ?? "not set")."
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

  private var messageSummary: String {
    func isSo(_ kinds: Set<OperationKind>) -> Bool {
      contenders.contains { kinds.contains($0.kind) && $0.fate == .stands }
    }
    let name = "The message \(object.short)"
    if isSo([.purge]) { return purged(name) }
    let made = contenders.filter { [.createMessage, .importMessage].contains($0.kind) && $0.other == nil }
    if !made.isEmpty, made.allSatisfy(\.fate.isUncounted) {
      return "\(name) does not show: it has no effect."
    }
    if !isSo([.createMessage, .importMessage]) { return "\(name) does not show: it was taken back." }
    return isSo([.trash]) ? "\(name) lies in the trash, with its conversation." : "\(name) shows."
  }

  /// Says of something that was purged whether its bytes are here still: they go with the first purge that takes them.
  private func purged(_ name: String) -> String {
    let purges = contenders.filter { $0.kind == .purge && $0.fate == .stands }
    let due = purges.compactMap(\.due)
    guard due.count == purges.count, let first = due.min() else {
      return "\(name) was purged: what it said is gone for good."
    }
    return "\(name) was purged: it is hidden for good, its bytes go \(first > 0 ? "later" : "now")."
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
    Self.row(
      stands: contender.fate == .stands, contender.action, contender.time, device(contender.operation.log),
      deed(contender), style)
  }

  /// The line of something that was done as part of an action.
  static func row(
    stands: Bool, _ action: ChangeID, _ time: HybridTime, _ device: String, _ deed: String, _ style: Style
  ) -> String {
    let columns = style.isNarrow ? nameColumns / 2 + 1 : nameColumns
    var row = FieldRow([
      .init(text: stands ? "✓" : "·", paint: { stands ? style.green($0) : style.dim($0) }),
      .init(text: action.actionName.short, paint: style.yellow),
      .init(text: style.isNarrow ? "" : Moment.short(time.milliseconds), paint: style.dim),
      .init(text: TextWidth.pad(TextWidth.fit(device, columns), columns), paint: style.cyan),
      .init(text: deed),
    ])
    row.fit(style.columns, cutting: [(deedPlace, 1)])
    return row.text
  }

  func device(_ log: LogID) -> String {
    names[log] ?? String(log.description.prefix(8))
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
    case .message: "message"
    case .purge: "purge"
    }
  }

  fileprivate var isRegister: Bool {
    switch self {
    case .title, .model, .archived, .pinned, .field: true
    case .tag, .folder, .trash, .message, .purge: false
    }
  }
}
