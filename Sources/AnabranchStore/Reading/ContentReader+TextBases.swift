internal import AnabranchCore
internal import GRDB

extension ContentReader {
  /// What a text began with, first what shows; nothing for a page.
  func bases(of key: TextKey, _ text: HeldText) throws -> [TextBase] {
    guard key.text == .body, let (conversation, row) = try place(ofMessage: key.object),
      let defining = try operation(row.definition)
    else { return [] }
    let withdrawals = try withdrawalsByOperation(of: key.object)
    var groups: [ExactText: BaseGroup] = [:]
    for held in try bases(of: row, in: conversation) {
      let said = try base(of: held)?.text ?? PartialText("")
      groups[ExactText(said), default: BaseGroup(source: held, text: said)].add(held, withdrawals)
    }
    let own = try base(of: defining)?.text ?? PartialText("")
    for edited in try editedBases(of: key.object, held: defining, text: own, operations(on: key).all) {
      groups[ExactText(edited.text), default: BaseGroup(source: edited.source, text: edited.text)]
        .add(edited, withdrawals)
    }
    let shown = groups[ExactText(text.base)] ?? BaseGroup(source: defining, text: text.base)
    return groups.values.map { $0.base(beside: shown, withdrawals) }.sorted { first, second in
      let isShown = first.standing == .shown
      return isShown == (second.standing == .shown)
        ? (first.time, first.operation) > (second.time, second.operation) : isShown
    }
  }

  /// The import that the body of a message is from, where that says something else than `held`, which defines the message: edits
  /// stay on the words that they were made on. It is the one that ``bases(of:_:)`` names. O(edits).
  func otherBase(ofText message: ObjectKey, definedBy held: HeldOperation) throws -> OperationID? {
    let own = try base(of: held)?.text ?? PartialText("")
    guard let text = try text(.body, ofHeld: message), ExactText(text.base) != ExactText(own) else { return nil }
    return try bases(of: TextKey(object: message, text: .body), text).first?.operation
  }
}

/// The imports of a message that say the same; or what made it, if it was said here.
private struct BaseGroup {
  /// The one to name: that which was edited, unless somebody took it back and not the others; else of those that nobody took back
  /// the one that goes before the others.
  private var source: HeldOperation
  /// The one that was edited, whether somebody took it back or not; nil where none was.
  private var edited: HeldOperation?
  private let text: PartialText
  /// How many there are, and how many of them nobody took back.
  private var (imports, standing) = (0, 0)
  private var edits = 0

  init(source: HeldOperation, text: PartialText) {
    (self.source, self.text) = (source, text)
  }

  mutating func add(_ held: HeldOperation, _ withdrawals: [OperationID: OperationID]) {
    imports += 1
    if withdrawals[held.id] == nil { standing += 1 }
    let both = [source, held].compactMap { ImportPrecedence($0) }
    let winner = ImportPrecedence.winner(of: both, without: Set(withdrawals.keys))
    if winner?.operation == held.id { source = held }
  }

  mutating func add(_ edited: EditedBase, _ withdrawals: [OperationID: OperationID]) {
    self.edited = edited.source
    if withdrawals[edited.source.id] == nil || standing == 0 { source = edited.source }
    edits += edited.operations.count
  }

  /// It, beside what shows.
  func base(beside shown: BaseGroup, _ withdrawals: [OperationID: OperationID]) -> TextBase {
    TextBase(
      operation: source.id, action: ChangeID(log: source.id.log, sequence: source.change.action),
      kind: source.operation.envelope.kind, time: source.change.time, updated: ImportPrecedence(source)?.updated,
      words: TextExcerpt(of: text), imports: standing > 0 ? standing : max(imports, 1), edits: edits,
      standing: standing(beside: shown, withdrawals))
  }

  private func standing(beside shown: BaseGroup, _ withdrawals: [OperationID: OperationID]) -> TextBase.Standing {
    if source.id == shown.source.id { return .shown }
    let isEdited = shown.edits > 0
    if isEdited, edits == 0 {
      return (standing == 0 ? withdrawals[source.id] : nil).map { .withdrawn(by: $0) } ?? .unedited
    }
    // Among what was edited, it does not matter whether somebody took it back.
    let (own, other) = isEdited ? (edited ?? source, shown.edited ?? shown.source) : (source, shown.source)
    let fates = Fate.ofImports(
      [own, other].compactMap { ImportPrecedence($0) }, withdrawals: isEdited ? [:] : withdrawals)
    switch fates[own.id] {
    case .withdrawn(let by): return .withdrawn(by: by)
    case .passedOver(_, let tiebreak): return .passedOver(tiebreak)
    default: return .passedOver(.place)
    }
  }
}
