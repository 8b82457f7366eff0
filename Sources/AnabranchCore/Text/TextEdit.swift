/// A stretch of editing: scalars inserted or deleted one after the other, at places that follow each other.
///
/// A text's edits are recorded as positions in the text its writer saw, counted in Unicode scalars, run-length
/// encoded: what a person types without moving the cursor is one edit, and so is what they delete holding a key.
/// Each scalar inserted or deleted is one **event**.
public struct TextEdit: Hashable, Sendable {
  /// What an edit does, and how the place of one event follows from the one before.
  public enum Kind: UInt8, Sendable {
    /// Scalars appear; each lies right after the one before.
    case insert = 0
    /// Scalars disappear; each lay right after the one before, as with the delete key.
    case deleteForward = 1
    /// Scalars disappear; each lay right before the one before, as with the backspace key.
    case deleteBackward = 2
  }

  /// What it does.
  public var kind: Kind
  /// The lowest place it touches, in scalars of the text before it: the first scalar inserted will lie there, or
  /// the deleted ones lie from there on.
  public var position: Int
  /// How many scalars it inserts or deletes; at least one.
  public var count: Int

  /// An edit of `count` scalars from `position` on.
  public init(_ kind: Kind, at position: Int, count: Int) {
    self.kind = kind
    self.position = position
    self.count = count
  }

  /// Whether scalars disappear.
  public var isDeletion: Bool {
    kind != .insert
  }

  /// The events of `range`, counted from 0, as an edit of their own: made when those before have been. O(1).
  func part(_ range: Range<Int>) -> TextEdit {
    switch kind {
    case .insert: TextEdit(kind, at: position + range.lowerBound, count: range.count)
    case .deleteForward: TextEdit(kind, at: position, count: range.count)
    case .deleteBackward: TextEdit(kind, at: position + count - range.upperBound, count: range.count)
    }
  }

  /// Makes this edit and `next`, which was made right after it, one; false, and nothing is changed, where they do
  /// not follow each other. Which of several ways an edit of one scalar was made is decided by the next. O(1).
  public mutating func join(_ next: TextEdit) -> Bool {
    guard isDeletion == next.isDeletion else { return false }
    if !isDeletion {
      guard next.position == position + count else { return false }
    } else if next.position == position, kind == .deleteForward || count == 1,
      next.kind == .deleteForward || next.count == 1
    {
      kind = .deleteForward
    } else if next.position + next.count == position, kind == .deleteBackward || count == 1,
      next.kind == .deleteBackward || next.count == 1
    {
      kind = .deleteBackward
      position = next.position
    } else {
      return false
    }
    count += next.count
    return true
  }
}
