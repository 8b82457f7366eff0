extension Frame {
  /// The screen as an SVG 1.1 document: what a terminal with a dark background shows.
  func svg(title: String) -> String {
    let (width, height) = (size.columns * Self.step + 2 * Self.margin, size.rows * Self.rise + 2 * Self.margin)
    var lines = [
      #"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \#(width) \#(height)" width="\#(width)" height="\#(height)" role="img">"#,
      "<title>\(Self.escaped(title))</title>",
      "<style>",
      "text { font: 14px ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace; fill: #d7dce2; white-space: pre }",
      ".b { font-weight: bold } .d { fill-opacity: .6 } .r { fill: #12161c }",
      "</style>",
      ##"<rect width="\##(width)" height="\##(height)" rx="8" fill="#12161c"/>"##,
    ]
    for number in 0..<size.rows { lines += runs(of: row(number)).flatMap { Self.drawing($0, row: number) } }
    return (lines + ["</svg>"]).joined(separator: "\n") + "\n"
  }

  private static let (step, rise, margin) = (9, 19, 12)
  /// By the number in ``Look/color``: those that people see best on a dark background.
  private static let colors: [UInt8: String] = [
    1: "#ff8076", 2: "#6cd08a", 3: "#e3bd62", 4: "#7db3ff", 5: "#dd9bf0", 6: "#5fcfd6",
  ]

  /// Cells that stand next to each other and look the same.
  private struct Run {
    var column: Int
    var columns: Int
    var text: String
    var look: Look
  }

  private func runs(of cells: ArraySlice<Cell>) -> [Run] {
    var runs: [Run] = []
    for (column, cell) in cells.enumerated() {
      // Each that is wide by itself: fonts disagree on how wide that is.
      let isWide = cell.text.isEmpty || (column + 1 < cells.count && cells[cells.startIndex + column + 1].text.isEmpty)
      if let last = runs.last, last.look == cell.look, cell.text.isEmpty || (!isWide && last.columns == last.text.count)
      {
        runs[runs.count - 1].text += cell.text
        runs[runs.count - 1].columns += 1
      } else {
        runs.append(Run(column: column, columns: 1, text: cell.text, look: cell.look))
      }
    }
    return runs
  }

  private static func drawing(_ run: Run, row: Int) -> [String] {
    let (x, y) = (margin + run.column * step, margin + row * rise)
    let color = run.look.color.flatMap { colors[$0] }
    var lines: [String] = []
    if run.look.isReversed {
      lines.append(
        ##"<rect x="\##(x)" y="\##(y)" width="\##(run.columns * step)" height="\##(rise)" fill="\##(color ?? "#d7dce2")"/>"##
      )
    }
    let text = run.text.withoutTrailingSpace
    guard !text.isEmpty else { return lines }
    let width = (run.columns - (run.text.count - text.count)) * step
    let look = run.look
    let classes = [look.isBold ? "b" : nil, look.isDim ? "d" : nil, look.isReversed ? "r" : nil].compactMap { $0 }
    let paint = [
      classes.isEmpty ? "" : #" class="\#(classes.joined(separator: " "))""#,
      look.isReversed ? "" : color.map { #" style="fill: \#($0)""# } ?? "",
    ].joined()
    lines.append(
      #"<text x="\#(x)" y="\#(y + 14)" textLength="\#(width)" lengthAdjust="spacingAndGlyphs" xml:space="preserve"\#(paint)>"#
        + escaped(text) + "</text>")
    return lines
  }

  private static func escaped(_ text: some StringProtocol) -> String {
    text.unicodeScalars.reduce(into: "") { escaped, scalar in
      switch scalar {
      case "&": escaped += "&amp;"
      case "<": escaped += "&lt;"
      case ">": escaped += "&gt;"
      // No characters, which XML does not have.
      case _ where scalar.value & 0xfffe == 0xfffe: escaped += "\u{FFFD}"
      default: escaped.unicodeScalars.append(scalar)
      }
    }
  }
}
