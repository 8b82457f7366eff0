/// Draws a directed acyclic graph as lanes to the left of its nodes' lines, parents above children.
///
/// It is as narrow as edges run side by side: an edge begins in the first lane that is free, and a node from which edges go on
/// moves there.
///
/// Pure: nodes are numbers. Those of a whole graph are in the order in which they are drawn, each after its parents; of one that is
/// not known to its end, any number is a node, and each is drawn before those that its edges lead to.
struct GraphDrawing {
  /// What stands in the lanes around one node, from top to bottom.
  struct Step: Equatable {
    /// Where lanes join above the node; nil where none do.
    var joining: String?
    /// Beside the node's own line.
    var node: String
    /// Beside further lines of the node's text.
    var beside: String
    /// Where lanes part below it; nil where none do.
    var parting: String?
  }

  /// The edge that runs down a lane, from a node to one that is not drawn yet.
  private struct Edge: Equatable {
    let child: Int
  }

  private let children: [[Int]]
  private var lanes: [Edge?] = []
  /// So many lanes are drawn.
  private let shownMax: Int
  /// Where the node before ended, if no edge goes on from it.
  private var ended: Int?

  /// The graph whose node `i` follows `parents[i]`, all of them smaller than `i`. Of lanes beyond the first `shownMax` only a node's own
  /// mark is drawn, behind these.
  init(parents: [[Int]], shownMax: Int = .max) {
    var children = [[Int]](repeating: [], count: parents.count)
    for (index, list) in parents.enumerated() {
      for parent in list where parent < index { children[parent].append(index) }
    }
    (self.children, self.shownMax) = (children, shownMax)
  }

  /// A graph of which each step says where the edges of its node lead.
  init() {
    (children, shownMax) = ([], .max)
  }

  /// The lanes around `node`, to be asked for in order.
  mutating func step(_ node: Int) -> Step {
    step(node, leadingTo: children[node])
  }

  /// The lanes around `node`, from which edges lead to the nodes `outgoing`, drawn later. O(lanes).
  mutating func step(_ node: Int, leadingTo outgoing: [Int]) -> Step {
    var step = Step(node: "", beside: "")
    let incoming = lanes.indices.filter { lanes[$0]?.child == node }
    let column = column(of: incoming, isGoingOn: !outgoing.isEmpty)
    // Right below a node that ends, one that nothing leads to would seem to follow it.
    if incoming.isEmpty, column == ended { step.joining = row(marking: nil) }
    ended = outgoing.isEmpty ? column : nil
    if let last = incoming.last, last != column {
      step.joining = joint(from: column, to: Set(incoming).subtracting([column]), last: last, closing: true)
    }
    for lane in incoming { lanes[lane] = nil }
    step.node = row(marking: column)

    if let first = outgoing.first { lanes[column] = Edge(child: first) }
    step.beside = row(marking: nil)
    var opened: Set<Int> = []
    for child in outgoing.dropFirst() {
      let lane = freeLane(after: column)
      lanes[lane] = Edge(child: child)
      opened.insert(lane)
    }
    if let last = opened.max() {
      step.parting = joint(from: column, to: opened, last: last, closing: false)
    }
    while let last = lanes.last, last == nil { lanes.removeLast() }
    return step
  }

  /// Where a node stands to which those lanes lead. One that goes on leaves no lane free before its own.
  private mutating func column(of incoming: [Int], isGoingOn: Bool) -> Int {
    guard let first = incoming.first else { return freeLane() }
    return isGoingOn ? lanes[..<first].firstIndex(of: nil) ?? first : first
  }

  private mutating func freeLane(after column: Int = -1) -> Int {
    if let free = lanes.indices.first(where: { $0 > column && lanes[$0] == nil }) { return free }
    while lanes.count <= column { lanes.append(nil) }
    lanes.append(nil)
    return lanes.count - 1
  }

  private func row(marking column: Int?) -> String {
    let count = max(lanes.count, column.map { $0 + 1 } ?? 0)
    let shown = (0..<min(count, shownMax)).map { lane in
      lane == column ? "● " : lane < lanes.count && lanes[lane] != nil ? "│ " : "  "
    }.joined()
    return column ?? 0 < shownMax ? shown : shown + "● "
  }

  /// A line that joins `ends` with `column`, or parts them from it.
  private func joint(from column: Int, to ends: Set<Int>, last: Int, closing: Bool) -> String {
    let start = min(column, ends.min() ?? column)
    return lanes.indices.prefix(shownMax).map { lane in
      let isOpen = lanes[lane] != nil
      let isBetween = lane > start && lane < last
      switch lane {
      case column: return isOpen || !closing ? "├─" : "╭─"
      case last: return closing ? "╯ " : "╮ "
      case _ where ends.contains(lane): return closing ? "┴─" : "┬─"
      case _ where isBetween: return isOpen ? "┼─" : "──"
      default: return isOpen ? "│ " : "  "
      }
    }.joined()
  }
}
