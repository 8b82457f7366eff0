extension CausalDiagram {
  /// The diagram as an SVG 1.1 document, for light and dark pages alike. What is cut off, and what each change is called, shows as its
  /// title. O(rows × lanes + lines × points of a lane).
  public func svg() -> String {
    let layout = DiagramLayout(self)
    let (width, height) = (layout.width, layout.height)
    let head = [
      #"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \#(width) \#(height)" width="\#(width)" height="\#(height)" role="img">"#,
      "<title>\(points.count) changes of \(lanes.count) replicas</title>",
      Self.style,
    ]
    let body =
      lanes.indices.flatMap { lane($0, layout) } + stretches.map { stretch($0, layout) }
      + layout.edges.map { edge($0, layout) } + rows.indices.flatMap { row($0, layout) } + layout.pauses.map(pause)
    return (head + body + ["</svg>"]).joined(separator: "\n") + "\n"

    func pause(_ pause: (row: Int, y: Int, words: String)) -> String {
      #"<text class="pause" x="\#(layout.words)" y="\#(pause.y - 1)">\#(Self.escaped(pause.words))</text>"#
    }
  }

  private static let style = """
    <style>
    text { font: 13px system-ui, sans-serif; fill: #24292f } .name { font-weight: 600; text-anchor: middle }
    .time { font-size: 11px } text.pause, text.plain, text.relief, text.fault { font-style: italic }
    text.time, text.pause, text.plain { fill: #6e7781 } text.fault { fill: #b35900 } text.relief { fill: #1a7f37 }
    text.failure { fill: #cf222e; font-weight: 600 }
    .lane, .lead { stroke: #8c959f; stroke-opacity: .35 } .lead { stroke-dasharray: 1 4 }
    .off { fill: #8c959f; fill-opacity: .4 } .apart { fill: #e69f00; fill-opacity: .22 }
    .line { fill: none; stroke-width: 1.6 } .mark { fill: none; stroke: #6e7781; stroke-width: 1.6 }
    .mark.fault { stroke: #b35900 } .mark.relief { stroke: #1a7f37 } .mark.failure { stroke: #cf222e; stroke-width: 2.4 }
    @media (prefers-color-scheme: dark) {
    text { fill: #d1d7e0 } text.time, text.pause, text.plain { fill: #9198a1 } text.fault { fill: #e0a458 }
    text.relief { fill: #57ab5a } text.failure { fill: #f47067 }
    .mark { stroke: #9198a1 } .mark.fault { stroke: #e0a458 } .mark.relief { stroke: #57ab5a }
    .mark.failure { stroke: #f47067 }
    }
    </style>
    """

  /// Told apart also by who sees no red, or no green (Okabe and Ito, 2008).
  private static let hues = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#b58900", "#56b4e9"]

  private static func hue(_ lane: Int) -> String { hues[lane % hues.count] }

  // MARK: Lanes

  private func lane(_ place: Int, _ layout: DiagramLayout) -> [String] {
    let (lane, x) = (lanes[place], layout.lanes[place])
    let name = Self.escaped(DiagramLayout.shortened(self.name(of: place), DiagramLayout.nameLettersMax))
    let bottom = (layout.rows.last ?? DiagramLayout.margin) + DiagramLayout.rise / 2
    let top = top(of: lane.first, layout)
    let ys = [DiagramLayout.margin + 8] + (layout.hasFooter ? [bottom + 20] : [])
    return ys.map { #"<text class="name" x="\#(x)" y="\#($0)" style="fill: \#(Self.hue(place))">\#(name)</text>"# } + [
      #"<line class="lane" x1="\#(x)" y1="\#(top)" x2="\#(x)" y2="\#(bottom)"/>"#
    ]
  }

  /// The height at which a row begins; below the last one, that at which it ends.
  private func top(of row: Int, _ layout: DiagramLayout) -> Int {
    guard row < rows.count else { return (layout.rows.last ?? DiagramLayout.margin) + DiagramLayout.rise / 2 }
    return layout.rows[row] - DiagramLayout.rise / 2
  }

  private func stretch(_ stretch: Stretch, _ layout: DiagramLayout) -> String {
    let (top, bottom) = (top(of: stretch.first, layout), top(of: stretch.end ?? rows.count, layout))
    let name = stretch.condition == .off ? "off" : "apart"
    let half = stretch.condition == .off ? 4 : 8
    return #"<rect class="\#(name)" x="\#(layout.lanes[stretch.lane] - half)" y="\#(top)" width="\#(2 * half)" "#
      + #"height="\#(max(bottom - top, 2))" rx="3"/>"#
  }

  // MARK: Lines

  /// A line in the colour of what it comes from: straight within a lane, else one that runs down beside the lane that it comes in at.
  private func edge(_ edge: DiagramLayout.Edge, _ layout: DiagramLayout) -> String {
    let (start, end) = (rows[edge.parent].point?.lane ?? 0, rows[edge.child].point?.lane ?? 0)
    let (x1, y1, x2, y2) = (layout.lanes[start], layout.rows[edge.parent], layout.lanes[end], layout.rows[edge.child])
    let rise = DiagramLayout.rise
    var path = "M\(x1) \(y1)"
    if let detour = edge.detour {
      let x = x2 + detour
      path += "C\(x1) \(y1 + rise * 2 / 3) \(x) \(y1 + rise / 3) \(x) \(y1 + rise)V\(y2 - 12)Q\(x) \(y2) \(x2) \(y2)"
    } else if start == end {
      path += "V\(y2)"
    } else {
      path += "C\(x1) \(y1 + (y2 - y1) / 2) \(x2) \(y2 - (y2 - y1) / 2) \(x2) \(y2)"
    }
    return #"<path class="line" stroke="\#(Self.hue(start))" d="\#(path)"/>"#
  }

  // MARK: Rows

  private func row(_ place: Int, _ layout: DiagramLayout) -> [String] {
    let (row, y) = (rows[place], layout.rows[place])
    let isNew = place == 0 || rows[place - 1].instant.text != row.instant.text
    let time =
      #"<text class="time" x="\#(DiagramLayout.margin)" y="\#(y + 4)">\#(Self.escaped(row.instant.text))</text>"#
    return (isNew ? [time] : []) + drawing(of: row, y, layout)
  }

  private func drawing(of row: Row, _ y: Int, _ layout: DiagramLayout) -> [String] {
    let shown = Self.escaped(DiagramLayout.shortened(row.words, DiagramLayout.lettersMax))
    switch row.content {
    case .point(let point):
      let (x, title) = (layout.lanes[point.lane], "\(point.name) \(name(of: point.lane)): \(point.label)")
      return [
        #"<line class="lead" x1="\#(x + 9)" y1="\#(y)" x2="\#(layout.words - 6)" y2="\#(y)"/>"#,
        #"<circle cx="\#(x)" cy="\#(y)" r="5" fill="\#(Self.hue(point.lane))"><title>\#(Self.escaped(title))</title></circle>"#,
        #"<text x="\#(layout.words)" y="\#(y + 4)">\#(shown)</text>"#,
      ]
    case .remark(let remark):
      let xs = (remark.lanes.isEmpty ? Array(lanes.indices) : remark.lanes).map { layout.lanes[$0] }.sorted()
      let (first, last, tone) = (xs.first ?? 0, xs.last ?? 0, "\(remark.tone)")
      var drawing: [String] = []
      if lanes.isEmpty {
        // There is nothing to mark.
      } else if remark.lanes.isEmpty {
        drawing.append(#"<path class="mark \#(tone)" d="M\#(first - 14) \#(y)H\#(last + 14)"/>"#)
      } else {
        let leads = #"<line class="lead" x1="\#(last + 9)" y1="\#(y)" x2="\#(layout.words - 6)" y2="\#(y)"/>"#
        drawing += [leads] + (first < last ? [#"<path class="mark \#(tone)" d="M\#(first) \#(y)H\#(last)"/>"#] : [])
        drawing += xs.map { #"<path class="mark \#(tone)" d="\#(Self.sign(of: remark.tone, $0, y))"/>"# }
      }
      let title = remark.words.count > DiagramLayout.lettersMax ? "<title>\(Self.escaped(remark.words))</title>" : ""
      return drawing + [#"<text class="\#(tone)" x="\#(layout.words)" y="\#(y + 4)">\#(title)\#(shown)</text>"#]
    }
  }

  /// A cross for what goes wrong, and a lozenge for anything else.
  private static func sign(of tone: Remark.Tone, _ x: Int, _ y: Int) -> String {
    switch tone {
    case .fault, .failure: "M\(x - 5) \(y - 5)L\(x + 5) \(y + 5)M\(x + 5) \(y - 5)L\(x - 5) \(y + 5)"
    case .plain, .relief: "M\(x) \(y - 6)L\(x + 6) \(y)L\(x) \(y + 6)L\(x - 6) \(y)Z"
    }
  }

  private static func escaped(_ text: String) -> String {
    text.unicodeScalars.reduce(into: "") { escaped, scalar in
      switch scalar {
      case "&": escaped += "&amp;"
      case "<": escaped += "&lt;"
      case ">": escaped += "&gt;"
      case "\"": escaped += "&quot;"
      // XML has no other control characters, and nobody wants to see these.
      case _ where scalar.value < 0x20 || scalar.value == 0x7f || scalar.value & 0xfffe == 0xfffe: escaped += " "
      default: escaped.unicodeScalars.append(scalar)
      }
    }
  }
}
