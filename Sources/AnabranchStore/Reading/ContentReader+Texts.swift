internal import AnabranchCore
internal import AnabranchWire
internal import GRDB

/// A text of an object.
struct TextKey: Hashable, Comparable {
  let object: ObjectKey
  let text: TextKind

  static func < (a: Self, b: Self) -> Bool {
    (a.object, a.text.rawValue) < (b.object, b.text.rawValue)
  }
}

/// What the open change does to texts.
struct OpenTexts {
  /// When it was opened; nil where nothing is open.
  private(set) var time: HybridTime?
  /// The first change of the action that it belongs to; nil where nothing is open.
  private(set) var action: ChangeID?
  private(set) var operations: [TextKey: [TextOperation]] = [:]

  /// Nothing.
  init() {}

  init(_ db: Database, _ logs: LogState) throws {
    guard let open = try OpenChange.load(db, logs), logs.isNext(open.id) else { return }
    time = open.time
    action = ChangeID(log: open.id.log, sequence: open.action)
    var index: UInt32 = 0
    for draft in open.drafts {
      let id = OperationID(log: open.id.log, sequence: open.id.sequence, index: index)
      index += draft.span
      guard let text = draft.mutation.text, let key = try draft.target.flatMap({ try db.key(of: $0, logs) }),
        let operation = TextOperation(draft.mutation, id: id, content: draft.content)
      else { continue }
      operations[TextKey(object: key, text: text), default: []].append(operation)
    }
  }
}

/// A text as it reads now.
struct HeldText {
  var document: TextDocument
  /// What it began with, and what was done to it.
  var base = PartialText("")
  var operations: [TextOperation] = []
  /// What the next edit builds on.
  var heads: [OperationID]
}

extension ContentReader {
  /// What was done to a text, sealed or not, in no particular order; and whether anything that is sealed did more than
  /// add text at the end.
  func operations(on key: TextKey) throws -> (all: [TextOperation], isEdited: Bool) {
    let (sealed, isEdited) = try sealedOperations(on: key)
    var unsealed = try openChange.get().operations[key] ?? []
    if let words = words[key], try !isPurged(textsOf: key.object) { unsealed += words }
    return (unsealed + sealed, isEdited)
  }

  /// What was done to a text and is sealed, in no particular order; and whether any of it did more than add text at the
  /// end.
  func sealedOperations(on key: TextKey) throws -> (operations: [TextOperation], isEdited: Bool) {
    var isEdited = false
    var all: [TextOperation] = []
    let keys = try db.edits(of: key.text, of: key.object)
    let isPurged = try !keys.isEmpty && isPurged(textsOf: key.object)
    let hasPast = try !keys.isEmpty && !isPurged && hasRedactions(on: key.object)
    for edit in keys {
      // Without one, what was done since would stand at wrong places.
      guard let held = try operation(deciding: edit) else { continue }
      let content: Content = isPurged ? .none : held.operation.envelope.content
      guard let edit = try textOperation(held, content, hasPast ? key.object : nil) else { continue }
      if held.operation.envelope.kind == .editText { isEdited = true }
      all.append(edit)
    }
    return (all, isEdited)
  }

  /// What an operation with that content does to a text, without what was purged of it, if something was purged from the past of
  /// `object`; nil for one that does nothing to any.
  func textOperation(_ held: HeldOperation, _ content: Content, _ object: ObjectKey?) throws -> TextOperation? {
    let edit = TextOperation(held.operation.mutation, id: held.id, content: content)
    guard let edit, let object else { return edit }
    let purges = try redactions(of: held, on: object)
    let whole = edit.inserted.flatMap { String(utf8: $0) }
    return purges.isEmpty ? edit : edit.inserting(partial(whole, after: purges) { String(utf8: $0) })
  }

  /// A text of an object, other than the body of a message, and all that was done to it.
  func text(_ text: TextKind, of object: ObjectKey) throws -> HeldText {
    let operations = try operations(on: TextKey(object: object, text: text)).all
    let document = TextDocument(operations)
    return HeldText(document: document, operations: operations, heads: document.history.heads)
  }

  /// What a message says, with all edits of its body; nil where its own content is not there.
  func message(_ key: ObjectKey, held: HeldOperation) throws -> MessageContent? {
    try words(of: key, held: held).content
  }

  /// What a message says, as ``message(_:held:)`` has it, and whether anything but text at its end was done to its body
  /// and is sealed.
  func words(of key: ObjectKey, held: HeldOperation) throws -> (content: MessageContent?, isEdited: Bool) {
    let base = try isPurged(key, held) ? nil : base(of: held)
    var content = base?.content
    if base != nil, let current = try currentText(TextKey(object: key, text: .body)) {
      content?.text = current.text
      return (content, current.isEdited)
    }
    let operations = try self.operations(on: TextKey(object: key, text: .body))
    if let text = base?.text, !operations.all.isEmpty {
      content?.text = try body(key, held: held, text: text, operations.all).document.text
    }
    return (content, operations.isEdited)
  }

  /// The body of a message that `held` defines.
  func body(of key: ObjectKey, held: HeldOperation) throws -> HeldText {
    let text = try isPurged(key, held) ? nil : base(of: held)?.text
    let nothing = PartialText("")
    return try body(key, held: held, text: text ?? nothing, try operations(on: TextKey(object: key, text: .body)).all)
  }

  /// The body of a message that `held` defines, which says `text`, after `operations`.
  private func body(
    _ key: ObjectKey, held: HeldOperation, text: PartialText, _ operations: [TextOperation]
  ) throws -> HeldText {
    let shown =
      try shownBase(of: key, held: held, text: text, operations)
      ?? EditedBase(source: held, text: text, operations: operations)
    let document = TextDocument(base: shown.text, shown.operations)
    let heads = document.history.heads
    return HeldText(
      document: document, base: shown.text, operations: shown.operations,
      heads: heads.isEmpty ? [shown.source.id] : heads)
  }

  /// What the text of a message began with that `held` defines, and which says `text`, after `operations`; nil where nobody edited it.
  func shownBase(
    of key: ObjectKey, held: HeldOperation, text: PartialText, _ operations: [TextOperation]
  ) throws -> EditedBase? {
    try editedBases(of: key, held: held, text: text, operations).max { $1.isNewer(than: $0) }
  }

  /// What the edits of a message that `held` defines, and which says `text`, were made on, each with these; in no order. Nothing
  /// where nobody edited it.
  ///
  /// What several sources, or one at different times, say of an imported message may differ. Edits stay on the text
  /// that their writer saw; of several such texts the one shows that came from the newest source.
  func editedBases(
    of key: ObjectKey, held: HeldOperation, text: PartialText, _ operations: [TextOperation]
  ) throws -> some Collection<EditedBase> {
    var bases: [ExactText: EditedBase] = [:]
    guard !operations.isEmpty else { return bases.values }
    guard key < 0 else {
      bases[ExactText(text)] = EditedBase(source: held, text: text, operations: operations)
      return bases.values
    }
    for (root, operations) in operations.inCausalOrder.byRoot {
      let told = try root.flatMap { try importing($0, of: key) }
      let base = EditedBase(source: told?.held ?? held, text: told?.text ?? text, operations: operations)
      bases[ExactText(base.text)] = bases[ExactText(base.text)].map { $0.joined(by: base) } ?? base
    }
    return bases.values
  }

  /// What `root`, if it is an import of the message at `key`, says of it.
  func importing(_ root: OperationID, of key: ObjectKey) throws -> (held: HeldOperation, text: PartialText)? {
    guard let held = try logs.key(of: root).flatMap({ try operation(deciding: $0) }),
      case .importMessage(let source) = held.operation.mutation, try db.key(ofImported: source.message) == key
    else { return nil }
    let text = try isPurged(key, held) ? nil : base(of: held)?.text
    return (held, text ?? PartialText(""))
  }
}

/// A text by its bytes: two that are written differently are two.
struct ExactText: Hashable {
  let bytes: [UInt8]
  let gone: [Range<Int>]

  init(_ text: PartialText) {
    bytes = Array(text.text.utf8)
    gone = text.gone
  }
}

/// What a source says of a message, and what was done to that.
struct EditedBase {
  /// The newest import that says it.
  var source: HeldOperation
  var text: PartialText
  var operations: [TextOperation]

  /// The two as one: they say the same.
  fileprivate func joined(by other: EditedBase) -> EditedBase {
    EditedBase(
      source: other.isNewer(than: self) ? other.source : source, text: text,
      operations: operations + other.operations)
  }

  func isNewer(than other: EditedBase) -> Bool {
    guard let mine = ImportPrecedence(source) else { return false }
    return ImportPrecedence(other.source).map { $0 < mine } ?? true
  }
}
