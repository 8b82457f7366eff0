/// A text that one person edits in memory, wherever they like and however long it is; edits take effect where they say.
///
/// For what stands on a screen. It keeps no history: that is the log's.
public struct EditedText: Sendable {
  private var pieces: PieceTree
  private var content: [UInt8]

  /// The text that says `text`.
  public init(_ text: String = "") {
    content = Array(text.utf8)
    pieces = PieceTree(content)
  }

  /// How many Unicode scalars it has. O(1).
  public var count: Int {
    pieces.count
  }

  /// What it says. O(text).
  public var text: String {
    pieces.text(of: content)
  }

  /// Makes `edits`, one after the other; a place past the end is the end. O(log n) for each, and what is inserted.
  public mutating func apply(_ edits: TextEdits) {
    var inserted = content.count
    if !edits.inserted.isEmpty { content.append(contentsOf: edits.inserted.utf8) }
    for edit in edits.edits {
      if edit.isDeletion {
        let range = (edit.position..<edit.position + edit.count).clamped(to: 0..<count)
        pieces.delete(range, of: content)
      } else {
        let end = content.end(ofScalars: edit.count, from: inserted)
        pieces.insert(inserted..<end, count: edit.count, of: content, at: min(edit.position, count))
        inserted = end
      }
    }
  }
}
