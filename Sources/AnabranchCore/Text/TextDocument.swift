/// A text that several people edit: what it says now, and all that was done to it.
///
/// Edits made here take effect where they say; edits that others made are merged, by the history as far as they were
/// made at the same time as others, else directly.
public struct TextDocument: Sendable {
  /// All that was done to it.
  public private(set) var history: TextHistory
  private var pieces: PieceTree
  /// The events that ``pieces`` holds: all before this one.
  private var merged = 0
  private var version: [Int] = []

  /// The text that begins as `base` and that nobody has edited.
  public init(base: String = "") {
    history = TextHistory(base: base.utf8)
    pieces = PieceTree(history.content)
  }

  /// The text that begins as `base`, of which some may be gone, and to which `operations` were done, in any order.
  public init(base: PartialText, _ operations: [TextOperation]) {
    history = TextHistory(base: base)
    pieces = PieceTree(history.content, gone: base.gone)
    for operation in operations.inCausalOrder { add(operation) }
    merge()
  }

  /// The text that begins as `base` and to which `operations` were done, in any order.
  public init(base: String = "", _ operations: [TextOperation]) {
    self.init(base: base)
    for operation in operations.inCausalOrder { add(operation) }
    merge()
  }

  /// How many Unicode scalars it has.
  public var count: Int {
    pieces.count
  }

  /// What it says, as far as that is not absent. O(text).
  public var text: String {
    pieces.text(of: history.content)
  }

  /// Passes each piece of the text in order: where its bytes lie in the history's content, empty where it is absent, and
  /// how many scalars it has.
  func forEachPiece(_ body: (Range<Int>, Int) -> Void) {
    pieces.forEachPiece { if $0.count > 0 { body($0.bytes, $0.count) } }
  }

  /// Takes note of an operation; see ``TextHistory/add(_:)``. It shows after ``merge()``.
  public mutating func add(_ operation: TextOperation) {
    history.add(operation)
  }

  /// Brings the text up to date with its history. Many edits at once cost less than one after the other.
  public mutating func merge() {
    merge { _, _ in }
  }

  /// Brings the text up to date with its history, and tells what is done to it, one patch after the other, with the
  /// content that they mean.
  mutating func merge(_ note: (TextPatch, [UInt8]) -> Void) {
    history.merge(from: merged, at: version, count: pieces.count) { patch, content in
      note(patch, content)
      switch patch {
      case .insert(let position, let count, let bytes):
        pieces.insert(bytes, count: count, of: content, at: position)
      case .delete(let range):
        pieces.delete(range, of: content)
      }
    }
    merged = history.graph.count
    version = history.graph.heads
  }
}
