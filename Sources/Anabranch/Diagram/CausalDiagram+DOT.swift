internal import AnabranchCore

extension CausalDiagram {
  /// The diagram in the language of Graphviz: `dot -Tpng` draws it. O(lanes × points + lines).
  public func dot() -> String {
    var lines = [
      "digraph history {", "  rankdir=LR; node [shape=box, style=rounded, fontname=\"sans-serif\", fontsize=10];",
    ]
    for (place, lane) in lanes.enumerated() {
      lines.append("  subgraph cluster_\(place) {")
      lines.append("    label=\"\(Self.quoted(lane.name)) \(lane.log.description.prefix(8))\"; color=gray;")
      for (number, point) in points.enumerated() where point.lane == place {
        lines.append("    c\(number) [label=\"\(point.change.sequence)\", tooltip=\"\(Self.quoted(point.label))\"];")
      }
      lines.append("  }")
    }
    for (number, point) in points.enumerated() {
      for parent in point.parents { lines.append("  c\(parent) -> c\(number);") }
    }
    return (lines + ["}"]).joined(separator: "\n") + "\n"
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
