extension CausalDiagram {
  /// The diagram in the language of Graphviz: `dot -Tpng` draws it. What happened to a writer stands in its lane. O(lanes × rows + lines).
  public func dot() -> String {
    var lines = [
      "digraph history {", "  node [shape=box, style=rounded, fontname=\"sans-serif\", fontsize=10];",
    ]
    /// What nothing but time orders.
    var timed: [String] = []
    for (place, lane) in lanes.enumerated() {
      lines.append("  subgraph cluster_\(place) {")
      let name = lane.detail.isEmpty ? lane.name : "\(lane.name) \(lane.detail)"
      lines.append("    label=\"\(Self.quoted(name))\"; color=gray;")
      // What is about all of them stands outside.
      let inLane = rows.enumerated().filter { $0.element.lanes.isEmpty || $0.element.lanes.contains(place) }
      for (number, row) in inLane where row.lanes.first == place {
        lines.append("    \(Self.node(number, row))")
      }
      lines.append("  }")
      for (earlier, later) in zip(inLane, inLane.dropFirst())
      where earlier.element.point == nil || later.element.point == nil {
        timed.append("  r\(earlier.offset) -> r\(later.offset) [style=dotted, arrowhead=none];")
      }
    }
    if hasMore { lines.append("  more [label=\"\(Self.moreWords)\", shape=plaintext];") }
    for (number, row) in rows.enumerated() {
      if row.lanes.isEmpty { lines.append("  \(Self.node(number, row))") }
      for parent in row.point?.parents ?? [] { lines.append("  r\(parent) -> r\(number);") }
    }
    return (lines + timed + ["}"]).joined(separator: "\n") + "\n"
  }

  private static func node(_ number: Int, _ row: Row) -> String {
    switch row.content {
    case .point(let point): "r\(number) [label=\"\(quoted(point.label))\", tooltip=\"\(quoted(point.name))\"];"
    case .remark(let remark): "r\(number) [label=\"\(quoted(remark.words))\", shape=plaintext];"
    }
  }

  private static func quoted(_ text: String) -> String {
    text.unicodeScalars.reduce(into: "") { quoted, scalar in
      switch scalar {
      case "\"": quoted += "\\\""
      case "\\": quoted += "\\\\"
      case _ where scalar.value < 0x20 || scalar.value == 0x7f: quoted += " "
      default: quoted.unicodeScalars.append(scalar)
      }
    }
  }
}

extension CausalDiagram.Row {
  /// The places of the lanes that it stands in.
  fileprivate var lanes: [Int] {
    switch content {
    case .point(let point): [point.lane]
    case .remark(let remark): remark.lanes
    }
  }
}
