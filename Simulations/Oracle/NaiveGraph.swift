/// A directed graph read straight from the definitions, in quadratic time and worse.
///
/// The yardstick for `ConversationGraph`; the definitions are that type's.
public struct NaiveGraph<Node: Hashable> {
  private let nodes: [Node]
  private let parents: (Node) -> [Node]
  private let precedes: (Node, Node) -> Bool

  /// The graph over `nodes`; parents that are not among them do not count, nor does a node as its own parent.
  ///
  /// `precedes` is a total order.
  public init(_ nodes: [Node], parents: @escaping (Node) -> [Node], precedes: @escaping (Node, Node) -> Bool) {
    self.nodes = nodes.sorted(by: precedes)
    self.parents = { node in
      var result: [Node] = []
      for parent in parents(node) where nodes.contains(parent) && parent != node && !result.contains(parent) {
        result.append(parent)
      }
      return result
    }
    self.precedes = precedes
  }

  private func children(of node: Node) -> [Node] {
    nodes.filter { parents($0).contains(node) }
  }

  /// The nodes without children, in order.
  public var tips: [Node] {
    nodes.filter { children(of: $0).isEmpty }
  }

  /// The one node whose only child `node` is, where that is its only parent.
  private func continued(by node: Node) -> Node? {
    let parents = parents(node)
    guard parents.count == 1, children(of: parents[0]) == [node] else { return nil }
    return parents[0]
  }

  /// Whole unforked runs: always the run next whose first node is least among those whose parents are all out.
  public var runs: [[Node]] {
    var runs: [[Node]] = []
    var out: [Node] = []
    while let first = nodes.first(where: { node in
      !out.contains(node) && continued(by: node) == nil && parents(node).allSatisfy(out.contains)
    }) {
      var run = [first]
      while let last = run.last, let next = nodes.first(where: { continued(by: $0) == last }) {
        run.append(next)
      }
      runs.append(run)
      out += run
    }
    return runs + nodes.filter { !out.contains($0) }.map { [$0] }
  }

  /// The runs, one after the other.
  public var linearReading: [Node] {
    runs.flatMap { $0 }
  }

  /// The tips of each line that has several.
  public func diverged<Line: Hashable>(line: (Node) -> Line) -> [[Node]] {
    let tips = tips
    var groups: [[Node]] = []
    for tip in tips where !groups.contains(where: { $0.contains(tip) }) {
      let group = tips.filter { line($0) == line(tip) }
      if group.count > 1 { groups.append(group) }
    }
    return groups
  }
}
