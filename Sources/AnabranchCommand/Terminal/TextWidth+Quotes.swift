extension TextWidth {
  /// `text` in one line of at most `columns`. Where it quotes several things these share the room that there is for them, so that of
  /// “old” and “new” the new one keeps as much as the old one, or a column more.
  static func fitQuotes(_ text: String, _ columns: Int) -> String {
    let line = fit(text, .max)
    let quoted = line.matches(of: quotation).map(\.output.1)
    let excess = self.columns(line) - columns
    guard excess > 0, quoted.count > 1 else { return fit(line, columns) }
    let widths = quoted.map { self.columns($0) }
    var room = widths.reduce(0, +) - excess
    guard room >= quotedMin * quoted.count else { return fit(line, columns) }
    var (fitted, long) = (quoted.map(String.init), Array(quoted.indices))
    // What needs less than its share leaves the rest to the longer ones.
    while let short = long.firstIndex(where: { widths[$0] <= room / long.count }) {
      room -= widths[long.remove(at: short)]
    }
    for (number, place) in long.enumerated() {
      let share = room / (long.count - number)
      fitted[place] = fit(quoted[place], share)
      room -= share
    }
    var rest = fitted[...]
    return line.replacing(quotation) { _ in "“\(rest.popFirst() ?? "")”" }
  }

  private static var quotation: Regex<(Substring, Substring)> { /“([^“”]*)”/ }

  /// Columns of something quoted below which it says nothing.
  private static let quotedMin = 4
}
