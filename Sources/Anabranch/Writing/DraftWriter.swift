internal import AnabranchCore
internal import AnabranchStore
internal import AnabranchWire

/// Turns what a person, or an import, says into drafts, and writes them in changes of a sensible size.
///
/// All it writes is one action. Contents too large for one operation are cut into chunks, each in a change of its
/// own, before the operation that refers to them.
struct DraftWriter {
  private let store: Store
  private let surroundings: Surroundings
  private var generator: SurroundingsGenerator
  private var pending: [Draft] = []
  private var pendingBytes = 0
  /// The first sequence of the action, once something is written.
  private var action: UInt32?
  /// How many operations were written or wait to be.
  private(set) var operations = 0

  /// Whether something was written.
  var hasWritten: Bool { action != nil }

  init(_ store: Store, _ surroundings: Surroundings) {
    self.store = store
    self.surroundings = surroundings
    generator = SurroundingsGenerator(surroundings: surroundings)
  }

  /// Bytes that are gathered into one change: as many as an open change takes.
  private static let changeBytes = OpenChange.bytesMax
  /// Operations that are gathered into one change.
  private static let changeOperations = 512
  /// A chunk, and the rest that stays with the operation, is at most that large.
  private static let pieceBytes = Limits.contentBytesMax

  /// Content with a salt of its own.
  mutating func content(_ bytes: [UInt8]) -> Content {
    .present(salt: .random(using: &generator), bytes: bytes[...])
  }

  /// Adds `draft` to the change that is being gathered, after writing that one where there is no room left in it:
  /// so the next ``flush()`` always returns the name of what was added last.
  mutating func add(_ draft: Draft) throws(StoreError) {
    let bytes = draft.content.bytes?.count ?? 0
    if pendingBytes + bytes > Self.changeBytes || pending.count >= Self.changeOperations { _ = try flush() }
    pending.append(draft)
    pendingBytes += bytes
    operations += 1
  }

  /// Writes what was gathered, and returns the operations' names; none if nothing waits.
  mutating func flush() throws(StoreError) -> [OperationID] {
    guard !pending.isEmpty else { return [] }
    let first = store.nextSequence
    let written = try store.write(pending, wall: surroundings.wall(), continuing: action)
    action = action ?? store.action ?? written.first?.sequence ?? first
    pending = []
    pendingBytes = 0
    return written
  }

  /// Writes all of a text to which nothing was done before, in changes that build on each other.
  mutating func write(_ words: String, as text: TextKind, of object: ObjectID) throws(StoreError) {
    var edits = TextEdits()
    edits.insert(words, at: 0)
    var seen: [OperationID] = []
    for piece in edits.pieces(bytesMax: Self.changeBytes, editsMax: Self.changeOperations) {
      _ = try flush()
      try add(
        Draft(
          kind: .editText, target: object,
          mutation: .editText(EditText(text: text, predecessors: seen, edits: piece.edits)),
          content: content(Array(piece.inserted.utf8))))
      seen = try flush()
    }
  }

  /// Writes the beginning of `bytes` as chunks where it is too large for one operation, and returns their names and
  /// what is left.
  mutating func cut(_ bytes: [UInt8]) throws(StoreError) -> (chunks: [OperationID], rest: [UInt8]) {
    guard bytes.count > Self.pieceBytes else { return ([], bytes) }
    _ = try flush()
    var chunks: [OperationID] = []
    var start = 0
    while bytes.count - start > Self.pieceBytes {
      let piece = Array(bytes[start..<start + Self.pieceBytes])
      let draft = Draft(kind: .chunk, target: nil, mutation: .chunk, content: content(piece))
      chunks += try store.write([draft], wall: surroundings.wall(), continuing: action)
      action = action ?? store.action ?? chunks.first?.sequence
      start += Self.pieceBytes
    }
    return (chunks, Array(bytes[start...]))
  }
}
