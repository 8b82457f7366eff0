internal import AnabranchExchange

/// Columns that text takes on a terminal, and text made to fit them.
enum TextWidth {
  /// Columns of `text`, which has no escape sequences: two for wide characters, none for marks.
  static func columns(_ text: some StringProtocol) -> Int {
    guard !text.utf8.allSatisfy({ 0x20...0x7E ~= $0 }) else { return text.utf8.count }
    return text.reduce(0) { $0 + columns($1) }
  }

  private static func columns(_ character: Character) -> Int {
    if let ascii = character.asciiValue { return 0x20...0x7E ~= ascii ? 1 : 0 }
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

  /// `text` as lines of at most `columns`, broken between words where possible. Slices of `text` made printable.
  static func wrap(_ text: some StringProtocol, _ columns: Int) -> [Substring] {
    PrintableText.printable(String(text), keeping: ["\n", "\r"])
      .split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
      .flatMap { wrap(paragraph: $0, columns) }
  }

  private static func wrap(paragraph: Substring, _ columns: Int) -> [Substring] {
    var lines: [Substring] = []
    var (start, width) = (paragraph.startIndex, 0)
    for piece in pieces(of: paragraph, columns) {
      let pieceWidth = self.columns(piece)
      if width + pieceWidth > columns, start < piece.startIndex {
        lines.append(paragraph[start..<piece.startIndex].withoutTrailingSpace)
        // The space that the line is broken at is on neither.
        let isSpace = piece.allSatisfy { $0 == " " }
        (start, width) = isSpace ? (piece.endIndex, 0) : (piece.startIndex, pieceWidth)
      } else {
        width += pieceWidth
      }
    }
    return lines + [paragraph[start...].withoutTrailingSpace]
  }

  /// Words and the spaces between them; words that are too long are cut.
  private static func pieces(of text: Substring, _ columns: Int) -> [Substring] {
    var pieces: [Substring] = []
    var (start, width) = (text.startIndex, 0)
    var isOpen = false
    for index in text.indices {
      let own = self.columns(text[index])
      let isBreak = text[index] == " " || own == 2
      if start < index, isBreak || !isOpen || width + own > columns {
        pieces.append(text[start..<index])
        (start, width) = (index, 0)
      }
      width += own
      isOpen = !isBreak
    }
    return start < text.endIndex ? pieces + [text[start...]] : pieces
  }

  /// `text` without what would move a terminal's cursor or change its state; scalar by scalar.
  static func printable(_ text: String) -> String {
    PrintableText.printable(text)
  }

  /// Each line of `text` made printable.
  static func printableLines(_ text: String) -> String {
    PrintableText.printable(text, keeping: ["\n"])
  }
}

extension StringProtocol {
  /// The string without the spaces at its end.
  var withoutTrailingSpace: SubSequence {
    self[..<(lastIndex { $0 != " " }.map { index(after: $0) } ?? startIndex)]
  }
}
