/// A line of text as a screen shows it: characters with their looks, and nothing that could move a cursor.
///
/// Made of what ``Style`` paints. This is the last gate between what people elsewhere wrote and the terminal: of escape sequences only those
/// that colour are understood, and none is passed on; control characters are shown as U+FFFD, and what takes no column is left out.
struct StyledLine: Hashable, Sendable {
  /// A character that takes one column, or two.
  struct Piece: Hashable, Sendable {
    let text: String
    let columns: Int
    var look: Look
  }

  private(set) var pieces: [Piece] = []

  /// The line that `text` is; what would begin another one is a space. O(its scalars).
  init(_ text: String, look: Look = .plain) {
    var (rest, current) = (Substring.UnicodeScalarView(text.unicodeScalars), look)
    var run = String.UnicodeScalarView()
    while let scalar = rest.popFirst() {
      if scalar == "\u{1B}", let parameters = Self.colouring(rest) {
        append(String(run), current)
        run = .init()
        current.apply(String(String.UnicodeScalarView(parameters)))
        current = current.adding(look)
        rest = rest.dropFirst(parameters.count + 2)
      } else {
        run.append(scalar)
      }
    }
    append(String(run), current)
  }

  /// Columns of the whole line. O(pieces).
  var columns: Int { pieces.reduce(0) { $0 + $1.columns } }

  /// What it says, without looks.
  var text: String { pieces.map(\.text).joined() }

  /// The parameters of the colouring sequence of which the escape character was just read; nil where it is another one.
  private static func colouring(_ rest: Substring.UnicodeScalarView) -> Substring.UnicodeScalarView? {
    guard rest.first == "[" else { return nil }
    let parameters = rest.dropFirst().prefix(parametersMax).prefix { "0"..."9" ~= $0 || $0 == ";" }
    return rest.dropFirst(parameters.count + 1).first == "m" ? parameters : nil
  }

  private static let parametersMax = 16

  private mutating func append(_ run: String, _ look: Look) {
    for character in TextWidth.printable(run.split(whereSeparator: \.isNewline).joined(separator: " ")) {
      let isBlank = character.isWhitespace
      // What is stacked higher than any script does would reach over other lines.
      let text = isBlank ? " " : String(String.UnicodeScalarView(character.unicodeScalars.prefix(Self.scalarsMax)))
      let columns = TextWidth.columns(text)
      if columns > 0 { pieces.append(Piece(text: text, columns: min(columns, 2), look: look)) }
    }
  }

  private static let scalarsMax = 16

  /// Reverses every place at which `needle` stands, in whatever case. O(pieces × its characters).
  mutating func mark(_ needle: String) {
    let wanted = needle.lowercased().map(String.init)
    guard !wanted.isEmpty, wanted.count <= pieces.count else { return }
    let texts = pieces.map { $0.text.lowercased() }
    for start in 0...(texts.count - wanted.count) where texts[start..<(start + wanted.count)].elementsEqual(wanted) {
      for place in start..<(start + wanted.count) { pieces[place].look.isReversed = true }
    }
  }
}
