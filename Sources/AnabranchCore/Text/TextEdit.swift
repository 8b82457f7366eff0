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

extension [TextEdit] {
  /// Adds `edit`, which was made after these, run-length encoded: as long as the next event goes on from the one before,
  /// it belongs to the same edit. O(1).
  public mutating func add(_ edit: TextEdit) {
    guard edit.count > 0, !isEmpty, !self[count - 1].join(edit) else {
      if edit.count > 0, isEmpty { append(edit.singular) }
      return
    }
    if edit.count > 1, self[count - 1].join(edit.part(0..<1)) {
      append(edit.part(1..<edit.count).singular)
    } else {
      append(edit.singular)
    }
  }

  /// Whether adding these edits one after the other to none gives the very same: the only way to write their events
  /// down. O(edits).
  public var isRunLengthEncoded: Bool {
    allSatisfy { $0.count > 0 && $0 == $0.singular }
      && indices.dropFirst().allSatisfy { index in
        var before = self[index - 1]
        return !before.join(self[index].part(0..<1))
      }
  }

  /// How many scalars they insert.
  public var insertedCount: Int {
    reduce(0) { $1.isDeletion ? $0 : $0 + $1.count }
  }
}

extension TextEdit {
  /// A deletion of one scalar goes forward.
  fileprivate var singular: TextEdit {
    kind == .deleteBackward && count == 1 ? TextEdit(.deleteForward, at: position, count: 1) : self
  }
}
