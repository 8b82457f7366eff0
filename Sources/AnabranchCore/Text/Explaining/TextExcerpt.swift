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

  /// The excerpts of what an operation inserts, place by place: at most `limit`, the first ones. O(edits + inserted).
  public static func insertions(by operation: TextOperation, atMost limit: Int) -> [TextExcerpt] {
    var history = TextHistory()
    history.add(operation)
    var (excerpts, next): ([TextExcerpt], Int) = ([], 0)
    for edit in operation.edits where edit.count > 0 {
      let own = next..<next + edit.count
      next = own.upperBound
      guard !edit.isDeletion, excerpts.count < limit else { continue }
      var excerpt = TextExcerpt()
      history.forEachStretch(of: own) { stretch in
        excerpt.add(history.content[stretch.bytes], count: stretch.edit.count)
        guard stretch.bytes.isEmpty else { return }
        if operation.inserted == nil {
          excerpt.absent += stretch.edit.count
        } else {
          excerpt.purged += stretch.edit.count
        }
      }
      excerpts.append(excerpt)
    }
    return excerpts
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
