extension Screen {
  /// What there is to see. O(rows × columns).
  var frame: Frame {
    var frame = Frame(size)
    if case .helping(let line) = mode {
      drawHelp(on: &frame, from: line)
    } else {
      let layout = layout
      if let region = layout.list { drawList(on: &frame, in: region) }
      if let region = layout.detail { drawDetail(on: &frame, in: region) }
      if let column = layout.divider {
        for row in 0..<(size.rows - 1) {
          frame.write(StyledLine("│", look: Look(isDim: true)), row: row, column: column, columns: 1)
        }
      }
    }
    drawStatus(on: &frame)
    return frame
  }

  // MARK: The graph

  private static let heading = Look(isBold: true)

  private func drawList(on frame: inout Frame, in region: ScreenLayout.Region) {
    let count = graph.entries.count
    let place = count == 0 ? "" : " · \(cursor + 1) of \(count)\(graph.hasMore ? "+" : "")"
    write(StyledLine("History" + place, look: Self.heading), 0, on: &frame, in: region)
    guard count > 0 else {
      let words = wantsNewest ? "Reading …" : failed == nil ? "Nothing was written yet." : "Nothing could be read."
      return write(StyledLine(words, look: Look(isDim: true)), 1, on: &frame, in: region)
    }
    for (row, line) in graph.lines.dropFirst(top).prefix(region.lines).enumerated() {
      let isChosen = line.entry == cursor
      let look = isChosen ? Look(isBold: focus == .list, isReversed: focus == .list) : .plain
      write(self.line(line, isChosen: isChosen, region.columns), row + 1, on: &frame, in: region, look)
    }
  }

  /// Stands where the keys move something.
  private static let mark = "▸"

  /// A line of the drawing: a mark where it is chosen, the lanes, and of a change who wrote it and what it did.
  private func line(_ line: GraphList.Line, isChosen: Bool, _ columns: Int) -> StyledLine {
    let style = Style(columns: columns, isColored: true)
    let lanes = Self.clipped(line.lanes, max(columns - Self.wordsColumns, columns / 3))
    var text = (isChosen ? focus == .list ? Self.mark : "·" : " ") + style.dim(lanes)
    if let place = line.entry, graph.entries.indices.contains(place) {
      let (entry, room) = (graph.entries[place], columns - 1 - TextWidth.columns(lanes))
      text += room >= Self.wholeColumns ? entry.line(within: room, style) : entry.shortLine(within: room, style)
    }
    var drawn = StyledLine(text)
    if focus == .list { drawn.mark(needle) }
    return drawn
  }

  /// Columns that the words of a change have at least, however many lanes stand beside them; and from which on it is told whole.
  private static let (wordsColumns, wholeColumns) = (24, 64)

  /// Lanes as far as there is room for them; beyond it an ellipsis, and the change's mark if it is there.
  private static func clipped(_ lanes: String, _ columns: Int) -> String {
    guard lanes.count > columns else { return lanes }
    let kept = lanes.prefix(max(columns - 2, 0))
    return kept + "…" + (lanes.contains("●") && !kept.contains("●") ? "●" : " ")
  }

  // MARK: The pane

  private func drawDetail(on frame: inout Frame, in region: ScreenLayout.Region) {
    write(tabs(region.columns), 0, on: &frame, in: region)
    for (row, var line) in lines.dropFirst(scroll).prefix(region.lines).enumerated() {
      if focus == .detail { line.mark(needle) }
      write(line, row + 1, on: &frame, in: region)
    }
    let hidden = lines.count - scroll - region.lines
    guard hidden > 0, region.lines > 0 else { return }
    write(
      StyledLine("… \(Count.text(hidden + 1, "more line"))", look: Look(isDim: true)), region.lines, on: &frame,
      in: region)
  }

  /// The panes' names with brackets around the one that is seen; only that one where there is no room.
  private func tabs(_ columns: Int) -> StyledLine {
    let style = Style(columns: columns, isColored: true)
    let own = (focus == .detail ? Self.mark : "") + "[\(pane.title)]"
    let all = Pane.allCases.map { $0 == pane ? style.bold(own) : style.dim($0.title) }.joined(separator: " ")
    let line = StyledLine(all)
    guard line.columns > columns else { return line }
    return StyledLine(style.bold(own) + style.dim(" \(pane.rawValue + 1) of \(Pane.allCases.count)"))
  }

  private func write(
    _ line: StyledLine, _ number: Int, on frame: inout Frame, in region: ScreenLayout.Region, _ look: Look = .plain
  ) {
    guard number < region.rows else { return }
    frame.write(line, row: region.row + number, column: region.column, columns: region.columns, look: look)
  }

  // MARK: Help and keys

  private func drawHelp(on frame: inout Frame, from line: Int) {
    let first = min(line, max(Self.help.count - (size.rows - 1), 0))
    for (row, text) in Self.help.dropFirst(first).prefix(size.rows - 1).enumerated() {
      frame.write(StyledLine(text), row: row, columns: size.columns)
    }
  }

  private func drawStatus(on frame: inout Frame) {
    let look = Look(isReversed: true)
    let right = news == 0 ? "" : "\(Count.text(news, "new change")): r"
    let room = size.columns - (right.isEmpty ? 0 : right.count + 2)
    let left =
      switch mode {
      case .typing(let text): "/\(text)▏"
      case .helping: "↑↓ move, any other key goes back"
      case .browsing where !notice.isEmpty: TextWidth.fit(notice, max(room, 1))
      case .browsing: Self.hints.first { TextWidth.columns($0) <= room } ?? ""
      }
    frame.write(StyledLine(left), row: size.rows - 1, columns: size.columns, look: look)
    guard room > 0, !right.isEmpty else { return }
    frame.write(
      StyledLine(right, look: look.adding(Self.heading)), row: size.rows - 1, column: size.columns - right.count,
      columns: right.count, look: look)
  }
}

extension GraphEntry {
  /// Who wrote it and what it did, in a line of at most that many columns.
  fileprivate func shortLine(within columns: Int, _ style: Style) -> String {
    var row = FieldRow([
      .init(text: TextWidth.pad(device ?? "unknown", Self.shortNameColumns), paint: style.cyan),
      .init(text: TextWidth.fit(text, .max), paint: { mark == nil ? $0 : style.dim($0) }, cut: TextWidth.fitQuotes),
    ])
    row.fit(columns, cutting: [(1, 8), (0, 3)])
    return row.text
  }

  private static let shortNameColumns = 7
}
