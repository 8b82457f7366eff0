/// How text is cut into words for the index, on top of what SQLite's `unicode61` does.
///
/// Scripts that are written without spaces would be one long word each. Every one of their scalars is set apart, so
/// that it becomes a word of its own, and a run of them in a query becomes a phrase: a word of two characters is
/// found inside a sentence, and only where its characters follow each other. Symbols are set apart too, since
/// `unicode61` takes those that are younger than itself for letters. Vowel signs belong to their word; the points of
/// Hebrew and Arabic, which are mostly left out in writing, are left out here, in the snippets also.
enum SearchText {
  /// Stands between scalars that are set apart. A noncharacter, not meant for text, which `unicode61` takes for a
  /// separator.
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

  /// Whether the scalar is a symbol, such as an emoji or a part of one, and so no part of the words beside it.
  static func isSymbol(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0..<0x80: return false
    case 0xFE00...0xFE0F: return true
    default:
      let category = scalar.properties.generalCategory
      return category == .otherSymbol || category == .modifierSymbol
    }
  }

  /// Whether the scalar is a point, or an accent, of Hebrew or Arabic, or the stroke that stretches a word.
  static func isPoint(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x0591...0x05BD, 0x05BF, 0x05C1...0x05C2, 0x05C4...0x05C5, 0x05C7, 0x0610...0x061A, 0x0640,
      0x064B...0x065F, 0x0670, 0x06D6...0x06DC, 0x06DF...0x06E4, 0x06E7...0x06E8, 0x06EA...0x06ED:
      true
    default:
      false
    }
  }

  /// `text` without points, and with a mark on both sides of every scalar that is set apart.
  static func marked(_ text: String) -> String {
    guard text.utf8.contains(where: { $0 >= 0x80 }),
      text.unicodeScalars.contains(where: { standsAlone($0) || isSymbol($0) || isPoint($0) })
    else { return text }
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars where !isPoint(scalar) {
      if standsAlone(scalar) || isSymbol(scalar) {
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
