/// Rows and columns of a screen, at least one of each.
struct ScreenSize: Hashable, Sendable {
  let rows: Int
  let columns: Int

  /// What every terminal was once.
  static let standard = ScreenSize(rows: 24, columns: 80)

  /// More than any terminal has; what says that it is larger is drawn on as far.
  static let (rowsMax, columnsMax) = (500, 1_000)

  /// That size, as far as it is one.
  init(rows: Int, columns: Int) {
    self.rows = min(max(rows, 1), Self.rowsMax)
    self.columns = min(max(columns, 1), Self.columnsMax)
  }
}
