/// A directed graph read straight from the definitions, in quadratic time and worse.
///
/// The yardstick for `ConversationGraph`; the definitions are that type's.
public struct NaiveGraph<Node: Hashable> {
  private let nodes: [Node]
  private let parentsOf: [Node: [Node]]
  private let childrenOf: [Node: [Node]]
  private let precedes: (Node, Node) -> Bool

  /// The graph over `nodes`; parents that are not among them do not count, nor does a node as its own parent.
  ///
  /// `precedes` is a total order.
  public init(_ nodes: [Node], parents: @escaping (Node) -> [Node], precedes: @escaping (Node, Node) -> Bool) {
    self.nodes = nodes.sorted(by: precedes)
    let all = Set(nodes)
    var (parentsOf, childrenOf): ([Node: [Node]], [Node: [Node]]) = ([:], [:])
    for node in self.nodes {
      for parent in parents(node) where all.contains(parent) && parent != node {
        if parentsOf[node, default: []].contains(parent) { continue }
        parentsOf[node, default: []].append(parent)
        childrenOf[parent, default: []].append(node)
      }
    }
    (self.parentsOf, self.childrenOf) = (parentsOf, childrenOf)
    self.precedes = precedes
  }

  private func parents(_ node: Node) -> [Node] { parentsOf[node] ?? [] }

  /// In order, since the nodes are.
  private func children(of node: Node) -> [Node] { childrenOf[node] ?? [] }

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
