/// Everything that a screen shows at one moment: a cell for each row and column.
struct Frame: Hashable, Sendable {
  /// What stands in one column of one row.
  struct Cell: Hashable, Sendable {
    /// A character; empty in the second column of one that takes two.
    var text = " "
    var look = Look.plain
  }

  let size: ScreenSize
  /// Row by row; exactly as many as the size says.
  private(set) var cells: [Cell]

  /// An empty one.
  init(_ size: ScreenSize) {
    self.size = size
    cells = [Cell](repeating: Cell(), count: size.rows * size.columns)
  }

  /// The cells of a row. `row` is less than the size's rows.
  func row(_ row: Int) -> ArraySlice<Cell> {
    cells[(row * size.columns)..<((row + 1) * size.columns)]
  }

  /// Writes a line into `columns` columns of a row, as far as it fits there and they are on the screen; what stood there
  /// is gone. With `look`, all of them, also those behind the line. O(columns).
  mutating func write(_ line: StyledLine, row: Int, column: Int = 0, columns: Int, look: Look = .plain) {
    guard 0..<size.rows ~= row, column >= 0 else { return }
    let end = min(column + columns, size.columns)
    guard column < end else { return }
    let start = row * size.columns
    // Of a wide character of which one half is written over, the other one goes, too.
    if cells[start + column].text.isEmpty { cells[start + column - 1].text = " " }
    if end < size.columns, cells[start + end].text.isEmpty { cells[start + end].text = " " }
    for place in column..<end { cells[start + place] = Cell(look: look) }
    var place = column
    for piece in line.pieces {
      guard place + piece.columns <= end else { return }
      let look = piece.look.adding(look)
      cells[start + place] = Cell(text: piece.text, look: look)
      if piece.columns == 2 { cells[start + place + 1] = Cell(text: "", look: look) }
      place += piece.columns
    }
  }

  /// What can be read, a line for each row, without the spaces at their ends.
  var text: String {
    (0..<size.rows).map { String(row($0).map(\.text).joined().withoutTrailingSpace) }.joined(separator: "\n")
  }
}
