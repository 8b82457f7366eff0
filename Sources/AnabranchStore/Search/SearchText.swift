/// How text is cut into words for the index, on top of what SQLite's `unicode61` does.
///
/// Scripts that are written without spaces would be one long word each. Every one of their scalars is set apart, so
/// that it becomes a word of its own, and a run of them in a query becomes a phrase: a word of two characters is
/// found inside a sentence, and only where its characters follow each other.
enum SearchText {
  /// Stands between scalars that are set apart. A noncharacter: no text may hold it, and `unicode61` takes it for
  /// a separator.
  static let mark: Unicode.Scalar = "\u{FFFE}"

  /// Whether words of this scalar's script follow each other without spaces: Han, kana, Hangul, bopomofo, Thai,
  /// Lao, Khmer, Myanmar.
  static func standsAlone(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x0E00...0x0EFF, 0x1000...0x109F, 0x1100...0x11FF, 0x1780...0x17FF, 0x2E80...0x2FDF,
      0x3005...0x3007, 0x3021...0x3029, 0x3031...0x312F, 0x3130...0x318F, 0x31A0...0x31FF,
      0x3400...0x4DBF, 0x4E00...0x9FFF, 0xA960...0xA97F, 0xAC00...0xD7FF, 0xF900...0xFAFF,
      0xFF66...0xFF9F, 0x20000...0x3FFFD:
      true
    default:
      false
    }
  }

  /// `text` with a mark on both sides of every scalar that stands alone.
  static func marked(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: standsAlone) else { return text }
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      if standsAlone(scalar) {
        result.append(mark)
        result.append(scalar)
        result.append(mark)
      } else {
        result.append(scalar)
      }
    }
    return String(result)
  }

  /// `text` as it was before ``marked(_:)``.
  static func unmarked(_ text: String) -> String {
    guard text.unicodeScalars.contains(mark) else { return text }
    return String(String.UnicodeScalarView(text.unicodeScalars.filter { $0 != mark }))
  }

  /// What a person typed as a query of FTS5; nil where it has no word.
  ///
  /// All words must occur. A part in quotation marks is a phrase, `word*` stands for every word that starts so, and
  /// so does the last word, which may not be finished. Nothing typed is syntax of FTS5.
  static func query(_ typed: String) -> String? {
    var phrases: [String] = []
    // By scalars: a quotation mark with an accent on it is one character, and still ends a phrase of FTS5.
    let parts = typed.unicodeScalars.split(separator: "\"", omittingEmptySubsequences: false)
    for (index, part) in parts.enumerated() {
      if index.isMultiple(of: 2) {
        phrases += part.split(whereSeparator: \.properties.isWhitespace).compactMap { word in
          let isPrefix = word.last == "*"
          return phrase(isPrefix ? word.dropLast() : word, isPrefix: isPrefix)
        }
      } else if let phrase = phrase(part, isPrefix: false) {
        phrases.append(phrase)
      }
    }
    guard let last = phrases.last else { return nil }
    let isFinished = typed.unicodeScalars.last.map { $0.properties.isWhitespace || $0 == "\"" } ?? true
    if !isFinished, !last.hasSuffix("*") { phrases[phrases.count - 1] = last + "*" }
    return phrases.joined(separator: " ")
  }

  /// The words, which hold no quotation mark, as a phrase of FTS5.
  private static func phrase(_ words: Substring.UnicodeScalarView, isPrefix: Bool) -> String? {
    guard words.contains(where: { $0.properties.isAlphabetic || $0.properties.numericType != nil })
    else { return nil }
    let text = String(String.UnicodeScalarView(words.map { $0 == "\0" ? " " : $0 }))
    return "\"\(marked(text))\"" + (isPrefix ? "*" : "")
  }
}
