internal import HeapModule

/// The messages of one conversation as a directed acyclic graph.
///
/// Knows nothing of what a message says: `Node` names one, closures tell the rest. A parent that is not among
/// the nodes counts as no parent, so that a part of a conversation is read as far as it goes.
public struct ConversationGraph<Node: Hashable & Sendable>: Sendable {
  /// The nodes in the order they were given.
  public let nodes: [Node]
  let parents: [[Int]]
  private let children: [[Int]]

  /// The graph over `nodes`, each with what `parents` returns for it. O(nodes + parents).
  public init(_ nodes: [Node], parents parentsOf: (Node) -> [Node]) {
    let indices = Dictionary(nodes.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    var parents = [[Int]](repeating: [], count: nodes.count)
    var children = parents
    for (index, node) in nodes.enumerated() {
      for parent in parentsOf(node) {
        guard let parent = indices[parent], parent != index, !parents[index].contains(parent) else { continue }
        parents[index].append(parent)
        children[parent].append(index)
      }
    }
    self.nodes = nodes
    self.parents = parents
    self.children = children
  }

  /// The messages nobody answered, in the order given. O(nodes).
  public var tips: [Node] {
    nodes.indices.filter { children[$0].isEmpty }.map { nodes[$0] }
  }

  /// The conversation as a person scrolls it: whole unforked runs, parents first.
  ///
  /// A run is a longest chain in which each message is the only child of its only parent. Among the runs whose
  /// parents are out, the one goes first whose first message is least by `precedes`, a total order that is the
  /// same everywhere. So two offline chats follow each other; they are not shuffled turn by turn.
  /// Messages in a cycle, which only a forged history has, come last, in `precedes` order. O(n log n).
  public func linearReading(precedes: @escaping (Node, Node) -> Bool) -> [Node] {
    runs(precedes: precedes).flatMap { $0 }
  }

  /// The runs of ``linearReading(precedes:)``, in its order; none is empty.
  public func runs(precedes: @escaping (Node, Node) -> Bool) -> [[Node]] {
    var order = nodes.indices.sorted { precedes(nodes[$0], nodes[$1]) }
    var rank = [Int](repeating: 0, count: nodes.count)
    for (position, index) in order.enumerated() { rank[index] = position }

    var waiting = parents.map(\.count)
    var ready = Heap(nodes.indices.filter { waiting[$0] == 0 }.map { rank[$0] })
    var emitted = [Bool](repeating: false, count: nodes.count)
    var runs: [[Node]] = []
    while let first = ready.popMin() {
      var run = [order[first]]
      while let last = run.last {
        emitted[last] = true
        if children[last].count == 1, let only = children[last].first, parents[only].count == 1 {
          run.append(only)
          continue
        }
        for child in children[last] {
          waiting[child] -= 1
          if waiting[child] == 0 { ready.insert(rank[child]) }
        }
        break
      }
      runs.append(run.map { nodes[$0] })
    }
    order.removeAll { emitted[$0] }
    return runs + order.map { [nodes[$0]] }
  }

  /// The tips of each line that has several: written without knowledge of each other.
  ///
  /// `line` names a message's line. In the order of `precedes`, by line and within it. O(n log n).
  public func diverged<Line: Hashable>(
    line: (Node) -> Line, precedes: (Node, Node) -> Bool
  ) -> [[Node]] {
    var byLine: [Line: [Node]] = [:]
    for tip in tips.sorted(by: precedes) {
      byLine[line(tip), default: []].append(tip)
    }
    return byLine.values.filter { $0.count > 1 }.sorted { precedes($0[0], $1[0]) }
  }
}
