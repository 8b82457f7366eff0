internal import AnabranchCore

extension CausalDiagram {
  /// The diagram as an SVG 1.1 document, for light and dark pages alike. What each point says shows as its title. O(points + lines).
  public func svg() -> String {
    let width = Self.margin + Self.names + max(points.count - 1, 0) * Self.step + 2 * Self.margin
    let height = 2 * Self.margin + max(lanes.count - 1, 0) * Self.rise
    var lines = [
      #"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \#(width) \#(height)" width="\#(width)" height="\#(height)" role="img">"#,
      "<title>\(points.count) changes of \(lanes.count) replicas</title>",
      "<style>",
      "text { font: 13px system-ui, sans-serif; fill: #57606a }",
      ".lane { stroke: #8c959f; stroke-opacity: .35 } .line { fill: none; stroke-width: 1.6 }",
      "@media (prefers-color-scheme: dark) { text { fill: #adbac7 } }",
      "</style>",
    ]
    for (place, lane) in lanes.enumerated() {
      let y = y(ofLane: place)
      lines.append(#"<text x="\#(Self.margin)" y="\#(y + 4)">\#(Self.escaped(Self.shortened(lane.name)))</text>"#)
      lines.append(
        #"<line class="lane" x1="\#(Self.margin + Self.names)" y1="\#(y)" x2="\#(width - Self.margin)" y2="\#(y)"/>"#)
    }
    for (place, point) in points.enumerated() {
      for parent in point.parents { lines.append(line(from: parent, to: place)) }
    }
    for (place, point) in points.enumerated() {
      let name = "\(point.change.log.description.prefix(8))/\(point.change.sequence)"
      lines.append(
        #"<circle cx="\#(x(place))" cy="\#(y(ofLane: point.lane))" r="5" fill="\#(Self.hue(point.lane))">"#
          + "<title>\(Self.escaped("\(name) \(lanes[point.lane].name): \(point.label)"))</title></circle>")
    }
    lines.append("</svg>")
    return lines.joined(separator: "\n") + "\n"
  }

  private static let (margin, names, step, rise) = (24, 120, 26, 44)
  private static let nameLettersMax = 16
  /// Told apart also by who sees no red, or no green (Okabe and Ito, 2008).
  private static let hues = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"]

  private static func hue(_ lane: Int) -> String { hues[lane % hues.count] }

  private func x(_ place: Int) -> Int { 2 * Self.margin + Self.names + place * Self.step }

  private func y(ofLane lane: Int) -> Int { Self.margin + lane * Self.rise }

  /// A line in the colour of what it comes from: straight within a lane, else one that leaves and comes in along the lanes.
  private func line(from parent: Int, to child: Int) -> String {
    let (start, end) = (points[parent].lane, points[child].lane)
    let (x1, y1, x2, y2) = (x(parent), y(ofLane: start), x(child), y(ofLane: end))
    let bend = start == end ? 0 : Self.step
    return #"<path class="line" stroke="\#(Self.hue(start))" d="M\#(x1) \#(y1)C\#(x1 + bend) \#(y1) "#
      + #"\#(x2 - bend) \#(y2) \#(x2) \#(y2)"/>"#
  }

  private static func shortened(_ name: String) -> String {
    name.count > nameLettersMax ? name.prefix(nameLettersMax - 1) + "…" : name
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
