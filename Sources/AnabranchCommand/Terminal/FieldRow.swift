/// One line of fields, two columns apart, that gives way where the terminal is too narrow for it.
struct FieldRow {
  /// A part of the line.
  struct Field {
    /// What it says.
    var text: String
    /// Colours it.
    var paint: (String) -> String = { $0 }
    /// Makes it fit a number of columns.
    var cut: (String, Int) -> String = { TextWidth.fit($0, $1) }
  }

  private var fields: [Field]
  private static let gap = 2

  /// A line of those fields; empty ones take no room.
  init(_ fields: [Field]) {
    // Names come from elsewhere.
    self.fields = fields.map { Field(text: TextWidth.printable($0.text), paint: $0.paint, cut: $0.cut) }
  }

  /// Columns of the whole line.
  var columns: Int {
    let widths = fields.map { TextWidth.columns($0.text) }.filter { $0 > 0 }
    return widths.reduce(0, +) + Self.gap * max(0, widths.count - 1)
  }

  /// Cuts fields, one after the other and none below its `least` columns, until all fit into `columns`. With a least
  /// of none, a field of which only a few letters would remain disappears.
  mutating func fit(_ columns: Int, cutting order: [(field: Int, least: Int)]) {
    for (index, least) in order {
      let excess = self.columns - columns
      guard excess > 0 else { return }
      let width = TextWidth.columns(fields[index].text)
      let target = max(width - excess, min(least, width))
      fields[index].text = target < Self.lettersMin && least == 0 ? "" : fields[index].cut(fields[index].text, target)
    }
  }

  private static let lettersMin = 4

  /// The line, coloured.
  var text: String {
    fields.filter { !$0.text.isEmpty }.map { $0.paint($0.text) }
      .joined(separator: String(repeating: " ", count: Self.gap))
  }
}
