/// Edits of a text that were made one after the other, with what they insert.
///
/// ```swift
/// var edits = TextEdits()
/// edits.delete(6..<11)
/// edits.insert("river", at: 6)   // "hello world" becomes "hello river"
/// ```
public struct TextEdits: Hashable, Sendable {
  /// The edits, run-length encoded.
  public private(set) var edits: [TextEdit] = []
  /// All that they insert, in order.
  public private(set) var inserted = ""

  /// No edits.
  public init() {}

  /// Whether nothing is edited.
  public var isEmpty: Bool {
    edits.isEmpty
  }

  /// Inserts `text` before the scalar at `position` of the text as it is after the edits so far. O(text).
  public mutating func insert(_ text: some StringProtocol, at position: Int) {
    edits.add(TextEdit(.insert, at: position, count: String(text).scalarCount))
    inserted += text
  }

  /// Deletes `range`, in scalars of the text as it is after the edits so far. O(1).
  public mutating func delete(_ range: Range<Int>) {
    edits.add(TextEdit(.deleteForward, at: range.lowerBound, count: range.count))
  }

  /// The same edits as several, one after the other, each of at most `bytesMax` bytes inserted and `editsMax` edits.
  /// O(edits + inserted).
  public func pieces(bytesMax: Int, editsMax: Int) -> [TextEdits] {
    var pieces: [TextEdits] = []
    var piece = TextEdits()
    var rest = inserted.unicodeScalars[...]
    for edit in edits {
      guard !edit.isDeletion else {
        piece.makeRoom(for: 0, bytesMax, editsMax, &pieces)
        piece.edits.add(edit)
        continue
      }
      var position = edit.position
      for scalar in rest.prefix(edit.count) {
        piece.makeRoom(for: UTF8.width(scalar), bytesMax, editsMax, &pieces)
        piece.edits.add(TextEdit(.insert, at: position, count: 1))
        piece.inserted.unicodeScalars.append(scalar)
        position += 1
      }
      rest = rest.dropFirst(edit.count)
    }
    return piece.isEmpty ? pieces : pieces + [piece]
  }

  /// Puts what there is into `pieces` if another edit, of `bytes`, could be too much.
  private mutating func makeRoom(
    for bytes: Int, _ bytesMax: Int, _ editsMax: Int, _ pieces: inout [TextEdits]
  ) {
    guard inserted.utf8.count + bytes > bytesMax || edits.count == editsMax else { return }
    pieces.append(self)
    self = TextEdits()
  }
}
