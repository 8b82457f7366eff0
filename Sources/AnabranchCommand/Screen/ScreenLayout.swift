/// Where the parts of a screen lie: the graph above and the pane below it; on a wide screen side by side; and on a small one only
/// what has the focus.
struct ScreenLayout: Hashable, Sendable {
  /// Rows and columns of a part; its first row is its heading.
  struct Region: Hashable, Sendable {
    var row: Int
    var column: Int
    var rows: Int
    var columns: Int

    /// Rows below the heading.
    var lines: Int { max(rows - 1, 0) }
  }

  /// Nil where it has no room.
  var list: Region?
  var detail: Region?
  /// The column of the line between them, where they stand side by side; a blank one follows.
  var divider: Int?

  /// So many columns have room for both side by side, some lanes and what was done beside them, and so many rows for both one above
  /// the other.
  private static let (columnsForBoth, rowsForBoth) = (100, 16)
  /// Columns that a pane takes at least and at most, where there is a list beside it.
  private static let paneColumns = 40...90

  /// The last row is left for the keys.
  init(_ size: ScreenSize, focus: Screen.Focus) {
    let rows = size.rows - 1
    if size.columns >= Self.columnsForBoth {
      let wanted = size.columns * 11 / 20
      let columns = min(max(wanted, Self.paneColumns.lowerBound), Self.paneColumns.upperBound)
      let left = size.columns - columns - 2
      list = Region(row: 0, column: 0, rows: rows, columns: left)
      detail = Region(row: 0, column: left + 2, rows: rows, columns: columns)
      divider = left
    } else if rows >= Self.rowsForBoth {
      let upper = rows / 2
      list = Region(row: 0, column: 0, rows: upper, columns: size.columns)
      detail = Region(row: upper, column: 0, rows: rows - upper, columns: size.columns)
    } else {
      let whole = Region(row: 0, column: 0, rows: rows, columns: size.columns)
      if focus == .list { list = whole } else { detail = whole }
    }
  }
}
