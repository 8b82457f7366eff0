internal import AnabranchCore
internal import AnabranchWire

/// One person at one text: what it says, and the changes that hold what was done to it.
struct TraceWriter {
  private(set) var text: EditedText
  private(set) var sealed: [SealedChange] = []
  private var open: OpenChange
  private var last: [OperationID] = []
  private static let log = LogID(Bytes16(high: 1, low: 1))
  private static let target = ObjectID.imported(Bytes16(high: 2, low: 2))

  init(base: String) {
    text = EditedText(base)
    open = Self.open(1)
  }

  private static func open(_ sequence: UInt32) -> OpenChange {
    OpenChange(
      id: ChangeID(log: log, sequence: sequence), time: HybridTime(milliseconds: 1_700_000_000_000, counter: 0),
      wall: 1_700_000_000_000, action: sequence)
  }

  mutating func edit(_ position: Int, _ deleted: Int, _ inserted: String) {
    var edits = TextEdits()
    if deleted > 0 { edits.delete(position..<position + deleted) }
    if !inserted.isEmpty { edits.insert(inserted, at: position) }
    text.apply(edits)
    let content: Content =
      inserted.isEmpty ? .none : .present(salt: Bytes16(high: 3, low: 3), bytes: Array(inserted.utf8)[...])
    let edit = EditText(text: .body, predecessors: last, edits: edits.edits)
    let index = open.append(
      Draft(kind: .editText, target: Self.target, mutation: .editText(edit), content: content))
    last = [OperationID(log: open.id.log, sequence: open.id.sequence, index: index)]
    if open.isFull { seal() }
  }

  mutating func seal() {
    guard !open.drafts.isEmpty else { return }
    sealed.append(SealedChange(sealing: open, context: .init(id: open.id, previous: .zero), dependencies: []))
    open = Self.open(open.id.sequence + 1)
  }
}
