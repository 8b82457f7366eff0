/// The beginning of some words of a text, and how many there are.
public struct TextExcerpt: Hashable, Sendable {
  /// What they say, as far as that is there: at most ``scalarsMax`` scalars of it.
  public internal(set) var text = ""
  /// How many scalars they have, those included that are not there.
  public internal(set) var count = 0
  /// How many of them were purged.
  public internal(set) var purged = 0
  /// How many of them this replica does not have, for another reason.
  public internal(set) var absent = 0

  /// Scalars of ``text`` at most.
  public static let scalarsMax = 200

  /// Whether ``text`` leaves out words that are there.
  public var isCut: Bool {
    text.scalarCount < count - purged - absent
  }

  /// The excerpt of all of `text`, of which what is gone was purged. O(text).
  public init(of text: PartialText) {
    self.text = String(String.UnicodeScalarView(text.text.unicodeScalars.prefix(Self.scalarsMax)))
    count = text.count
    purged = text.gone.total
  }

  /// The excerpt of what `document` says. O(text).
  public init(of document: TextDocument) {
    self.init(of: PartialText(document.text))
    (count, absent) = (document.count, document.count - count)
  }

  /// The excerpt of what an operation inserts, one after the other. O(inserted).
  public init(insertedBy operation: TextOperation) {
    guard let inserted = operation.inserted else {
      count = operation.edits.insertedCount
      absent = count
      return
    }
    add(inserted, count: operation.edits.insertedCount - operation.gone.total)
    count += operation.gone.total
    purged = operation.gone.total
  }

  /// The excerpt of nothing.
  init() {}

  /// Takes in `count` scalars that follow, which `bytes` says in UTF-8.
  mutating func add(_ bytes: ArraySlice<UInt8>, count: Int) {
    self.count += count
    let room = Self.scalarsMax - text.scalarCount
    guard room > 0 else { return }
    // No scalar has more than four bytes; the last one may be cut there.
    let scalars = String(decoding: bytes.prefix(4 * room), as: UTF8.self).unicodeScalars
    text.unicodeScalars.append(contentsOf: scalars.prefix(min(room, count)))
  }
}
