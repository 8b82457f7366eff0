extension TextWidth {
  /// `text` in one line of at most `columns`. Where it quotes several things these share the room that there is for them, so that of
  /// “old” and “new” the new one keeps as much as the old one, or a column more.
  static func fitQuotes(_ text: String, _ columns: Int) -> String {
    let line = fit(text, .max)
    let quoted = line.matches(of: quotation).map(\.output.1)
    let widths = quoted.map { self.columns($0) }
    let room = widths.reduce(0, +) - (self.columns(line) - columns)
    guard self.columns(line) > columns, quoted.count > 1, room >= quotedMin * quoted.count else {
      return fit(line, columns)
    }
    // The mark behind the last one says no more than its ellipsis does.
    var (shares, isOpen) = (shares(of: room + 1, among: widths), line.hasSuffix("”"))
    if shares.last == widths.last { isOpen = false }
    if !isOpen { shares = self.shares(of: room, among: widths) }
    var fitted = zip(quoted, shares).map { fit($0, $1) }[...]
    let result = line.replacing(quotation) { _ in "“\(fitted.popFirst() ?? "")”" }
    return isOpen ? String(result.dropLast()) : result
  }

  /// How much of `room` each of those gets: what needs less than its share leaves the rest to the wider ones.
  private static func shares(of room: Int, among widths: [Int]) -> [Int] {
    var (room, shares, wide) = (room, widths, Array(widths.indices))
    while let narrow = wide.firstIndex(where: { widths[$0] <= room / wide.count }) {
      room -= widths[wide.remove(at: narrow)]
    }
    for (number, place) in wide.enumerated() {
      shares[place] = room / (wide.count - number)
      room -= shares[place]
    }
    return shares
  }

  private static var quotation: Regex<(Substring, Substring)> { /“([^“”]*)”/ }

  /// Columns of something quoted below which it says nothing.
  private static let quotedMin = 4
}
