/// What a text said, and what it says in place of that, on one line: `“…is in Maine” → “…is in Spain”`. Where both do not fit, each is
/// quoted around the first place at which they differ.
struct ChangedWords {
  private let before: String
  private let after: String

  /// How `before` became `after`. Lines are joined. O(text).
  init(_ before: String, _ after: String) {
    (self.before, self.after) = (TextWidth.fit(before, .max), TextWidth.fit(after, .max))
  }

  /// Whether the two read the same on one line.
  var isSame: Bool { before == after }

  /// All of both.
  var text: String { "“\(before)” → “\(after)”" }

  /// So many columns are taken by what stands around the words.
  private static let frameColumns = 7
  /// Before the place where they differ that much is shown, at most a third of the room.
  private static let leadColumns = 16

  /// As much of both as fits into `columns`, with an ellipsis where something is left out.
  func fit(_ columns: Int) -> String {
    guard TextWidth.columns(text) > columns else { return text }
    let room = columns - Self.frameColumns
    guard room >= 8 else { return TextWidth.fit(text, columns) }
    let same = zip(before, after).prefix { $0 == $1 }.count
    let widths = [before, after].map { TextWidth.columns($0) }
    // Who needs less than half leaves the rest to the other one.
    let first = max(room / 2, room - widths[1])
    let shares = [min(first, widths[0]), room - min(first, widths[0])]
    let parts = zip([before, after], shares).map { Self.around(same, of: $0, $1) }
    return "“\(parts[0])” → “\(parts[1])”"
  }

  /// The part of `text` of at most `columns` that has the character number `place`, or the end.
  private static func around(_ place: Int, of text: String, _ columns: Int) -> String {
    guard TextWidth.columns(text) > columns else { return text }
    var (lead, start) = (0, text.index(text.startIndex, offsetBy: place))
    while start > text.startIndex {
      let before = text.index(before: start)
      lead += TextWidth.columns(text[before..<start])
      guard lead <= min(leadColumns, columns / 3) else { break }
      start = before
    }
    // What the ellipsis would stand for in front is shown where it is no longer than that.
    let hidden = text[..<start]
    guard TextWidth.columns(hidden) > 1 else { return TextWidth.fit(text, columns) }
    return "…" + TextWidth.fit(text[start...], columns - 1)
  }
}
