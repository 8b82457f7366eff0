extension Frame {
  /// What a terminal has to be sent so that it shows this, where it shows `previous`, or anything at all where that is nil.
  ///
  /// Rows that are the same are passed over. Without `isColored`, nothing but characters and where they stand.
  func drawing(after previous: Frame?, isColored: Bool) -> String {
    var output = ""
    let known = previous.flatMap { $0.size == size ? $0 : nil }
    if known == nil { output += "\u{1B}[0m\u{1B}[2J" }
    for number in 0..<size.rows {
      let cells = row(number)
      if let known, known.row(number).elementsEqual(cells) { continue }
      output += "\u{1B}[\(number + 1);1H" + Self.text(of: cells, isColored: isColored)
    }
    return output
  }

  private static func text(of cells: ArraySlice<Cell>, isColored: Bool) -> String {
    var (text, look) = ("", Look.plain)
    // A character that the terminal holds to be narrower than it is here leaves something of what stood there before.
    if cells.contains(where: isUncertain) { text += "\u{1B}[2K" }
    for (place, cell) in zip(1..., cells) where !cell.text.isEmpty {
      if isColored, cell.look != look {
        look = cell.look
        text += look.sequence
      }
      text += cell.text
      // Whatever it made of that, it goes on where it should.
      let next = place + (TextWidth.columns(cell.text) == 2 ? 2 : 1)
      if isUncertain(cell), next <= cells.count { text += "\u{1B}[\(next)G" }
    }
    return text + (look == .plain ? "" : Look.plain.sequence)
  }

  /// Whether terminals disagree on how many columns it takes.
  private static func isUncertain(_ cell: Cell) -> Bool {
    !cell.text.utf8.allSatisfy { $0 < 0x80 }
      && (cell.text.unicodeScalars.count > 1 || TextWidth.columns(cell.text) == 2)
  }
}
