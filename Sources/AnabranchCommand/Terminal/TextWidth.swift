/// Columns that text takes on a terminal, and text made to fit them.
enum TextWidth {
  /// Columns of `text`, which has no escape sequences: two for wide characters, none for marks.
  static func columns(_ text: some StringProtocol) -> Int {
    text.reduce(0) { $0 + columns($1) }
  }

  private static func columns(_ character: Character) -> Int {
    guard let scalar = character.unicodeScalars.first else { return 0 }
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format, .control: return 0
    default: break
    }
    if scalar.properties.isEmojiPresentation || character.unicodeScalars.contains("\u{FE0F}") { return 2 }
    switch scalar.value {
    case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7A3,
      0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x20000...0x3FFFD:
      return 2
    default: return 1
    }
  }

  /// `text` in one line of at most `columns`, with an ellipsis where something is cut.
  static func fit(_ text: some StringProtocol, _ columns: Int) -> String {
    let line = printable(text.split(whereSeparator: \.isWhitespace).joined(separator: " "))
    guard self.columns(line) > columns else { return line }
    var (fitted, used) = ("", 0)
    for character in line {
      used += self.columns(character)
      if used >= columns { break }
      fitted.append(character)
    }
    return fitted + "…"
  }

  /// `text` fitted and filled up with spaces to exactly `columns`.
  static func pad(_ text: some StringProtocol, _ columns: Int) -> String {
    let fitted = fit(text, columns)
    return fitted + String(repeating: " ", count: max(0, columns - self.columns(fitted)))
  }

  /// `text` as lines of at most `columns`, broken between words where possible.
  static func wrap(_ text: some StringProtocol, _ columns: Int) -> [String] {
    text.split(separator: "\n", omittingEmptySubsequences: false).flatMap { paragraph -> [String] in
      var lines: [String] = []
      var line = ""
      var width = 0
      for word in pieces(of: printable(String(paragraph)), columns) {
        let wordWidth = self.columns(word)
        if width + wordWidth > columns, !line.isEmpty {
          lines.append(line.withoutTrailingSpace)
          (line, width) = ("", 0)
          if word.allSatisfy({ $0 == " " }) { continue }
        }
        line += word
        width += wordWidth
      }
      return lines + [line.withoutTrailingSpace]
    }
  }

  /// Words and the spaces between them; words that are too long are cut.
  private static func pieces(of text: String, _ columns: Int) -> [String] {
    var pieces: [String] = []
    var width = 0
    for character in text {
      let own = self.columns(character)
      let isBreak = character == " " || (pieces.last?.last == " ")
      if pieces.isEmpty || isBreak || own == 2 || width + own > columns {
        pieces.append(String(character))
        width = own
      } else {
        pieces[pieces.count - 1].append(character)
        width += own
      }
    }
    return pieces
  }

  /// `text` without what would move a terminal's cursor or change its state.
  static func printable(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: isControl) else { return text }
    var scalars = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      scalars.append(scalar == "\t" ? " " : isControl(scalar) ? "\u{FFFD}" : scalar)
    }
    return String(scalars)
  }

  private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    // Besides control characters, those that reorder a whole line.
    scalar.properties.generalCategory == .control || (0x202A...0x202E).contains(scalar.value)
      || (0x2066...0x2069).contains(scalar.value)
  }
}

extension String {
  /// The string without the spaces at its end.
  var withoutTrailingSpace: String {
    var copy = self
    while copy.last == " " { copy.removeLast() }
    return copy
  }
}
