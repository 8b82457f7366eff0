internal import AnabranchCore
internal import AnabranchWire

/// One person at one text, the notes of a conversation: what it says, and the changes that hold what was done to it.
struct TraceWriter {
  private(set) var text: EditedText
  private(set) var sealed: [SealedChange] = []
  /// The operations of each of ``sealed``, for a store that seals them by itself.
  private(set) var drafts: [[Draft]] = []
  private var open: OpenChange
  private var last: [OperationID] = []
  private let target: ObjectID

  /// A writer whose changes go by the names from `first` on, at the text of the conversation `target`.
  init(base: String, target: ObjectID, first: ChangeID) {
    text = EditedText(base)
    self.target = target
    open = Self.open(first)
  }

  private static func open(_ id: ChangeID) -> OpenChange {
    OpenChange(
      id: id, time: HybridTime(milliseconds: 1_700_000_000_000, counter: 0), wall: 1_700_000_000_000,
      action: id.sequence)
  }

  mutating func edit(_ position: Int, _ deleted: Int, _ inserted: String) {
    var edits = TextEdits()
    if deleted > 0 { edits.delete(position..<position + deleted) }
    if !inserted.isEmpty { edits.insert(inserted, at: position) }
    text.apply(edits)
    let content: Content =
      inserted.isEmpty ? .none : .present(salt: Bytes16(high: 3, low: 3), bytes: Array(inserted.utf8)[...])
    let edit = EditText(text: .notes, predecessors: last, edits: edits.edits)
    let index = open.append(Draft(kind: .editText, target: target, mutation: .editText(edit), content: content))
    last = [OperationID(log: open.id.log, sequence: open.id.sequence, index: index)]
    if open.isFull { seal() }
  }

  mutating func seal() {
    guard !open.drafts.isEmpty else { return }
    sealed.append(SealedChange(sealing: open, context: .init(id: open.id, previous: .zero), dependencies: []))
    drafts.append(open.drafts)
    open = Self.open(ChangeID(log: open.id.log, sequence: open.id.sequence + 1))
  }
}
