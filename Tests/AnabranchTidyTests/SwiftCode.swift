/// Reads Swift just well enough to tell code from what is only written about it.
///
/// It knows line comments, nested block comments, and string literals: single-line, multi-line, raw, and
/// with interpolations, whose code it keeps. It does not know regex literals; one with a quote in it would
/// be misread.
enum SwiftCode {
  /// `text` with each comment and literal blanked out; every line keeps its number and its columns.
  static func stripped(_ text: String) -> String {
    var scanner = Scanner(bytes: Array(text.utf8))
    scanner.code(endsAtParenthesis: false)
    return String(decoding: scanner.bytes, as: UTF8.self)
  }

  /// The numbers, from 1, of the lines that hold `fragment`, which is not part of a longer word.
  static func lines(with fragment: String, in text: String) -> [Int] {
    text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
      .filter { holds($0.element, fragment) }.map { $0.offset + 1 }
  }

  private static func holds(_ line: Substring, _ fragment: String) -> Bool {
    line.ranges(of: fragment).contains { range in
      let before = range.lowerBound > line.startIndex ? line[line.index(before: range.lowerBound)] : " "
      let after = range.upperBound < line.endIndex ? line[range.upperBound] : " "
      return !(isWord(fragment.first) && isWord(before)) && !(isWord(fragment.last) && isWord(after))
    }
  }

  private static func isWord(_ character: Character?) -> Bool {
    character.map { $0.isLetter || $0.isNumber || $0 == "_" } ?? false
  }
}

/// Walks over the bytes of a file and blanks what is not code, in place.
private struct Scanner {
  var bytes: [UInt8]
  private var position = 0

  init(bytes: [UInt8]) {
    self.bytes = bytes
  }

  /// Runs to the end of the file, or past the parenthesis that closes an interpolation.
  mutating func code(endsAtParenthesis: Bool) {
    var depth = 0
    while position < bytes.count {
      if looking(at: "//") {
        while position < bytes.count, bytes[position] != UInt8(ascii: "\n") { blank() }
      } else if looking(at: "/*") {
        blockComment()
      } else if let hashes = literalStart() {
        literal(hashes: hashes)
      } else {
        if bytes[position] == UInt8(ascii: "(") { depth += 1 }
        if bytes[position] == UInt8(ascii: ")") {
          if depth == 0, endsAtParenthesis { return blank() }
          depth -= 1
        }
        position += 1
      }
    }
  }

  private mutating func blockComment() {
    var depth = 0
    repeat {
      if looking(at: "/*") {
        depth += 1
        blank(2)
      } else if looking(at: "*/") {
        depth -= 1
        blank(2)
      } else {
        blank()
      }
    } while depth > 0 && position < bytes.count
  }

  /// How many `#` stand before the quote of a literal that starts here; nil if none starts here.
  private func literalStart() -> Int? {
    guard bytes[position] == UInt8(ascii: "\"") || bytes[position] == UInt8(ascii: "#") else { return nil }
    let quote = bytes[position...].firstIndex { $0 != UInt8(ascii: "#") }
    guard let quote, bytes[quote] == UInt8(ascii: "\"") else { return nil }
    return quote - position
  }

  private mutating func literal(hashes: Int) {
    let pounds = String(repeating: "#", count: hashes)
    blank(hashes)
    let quotes = looking(at: "\"\"\"") ? "\"\"\"" : "\""
    blank(quotes.utf8.count)
    while position < bytes.count {
      if looking(at: quotes + pounds) {
        return blank(quotes.utf8.count + hashes)
      } else if looking(at: "\\" + pounds + "(") {
        blank(hashes + 2)
        code(endsAtParenthesis: true)
      } else if looking(at: "\\" + pounds) {
        blank(hashes + 2)
      } else if quotes.utf8.count == 1, bytes[position] == UInt8(ascii: "\n") {
        return
      } else {
        blank()
      }
    }
  }

  private func looking(at word: String) -> Bool {
    bytes[position...].starts(with: word.utf8)
  }

  private mutating func blank(_ count: Int = 1) {
    for _ in 0..<count where position < bytes.count {
      if bytes[position] != UInt8(ascii: "\n") { bytes[position] = UInt8(ascii: " ") }
      position += 1
    }
  }
}
