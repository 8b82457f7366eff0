internal import Anabranch

/// How the nodes of a conversation hang together, whatever its source says and leaves out.
///
/// A node's own `parent` decides; where that is missing, the lists of `children` do. Siblings stand as their
/// parent lists them; those it does not list, and the roots, follow by time, then by id. A cycle is cut at its
/// earliest node. Nothing recurses.
struct NodeForest {
  /// Each node's parent, by position; nil for a root.
  private(set) var parents: [Int?]
  /// Each node's children in order.
  private(set) var children: [[Int]]
  /// The nodes without a parent, in order.
  private(set) var roots: [Int] = []

  /// Links `nodes`. `time` tells when a node's message was written; it is asked only where order depends on it.
  ///
  /// Complexity: O(*n*) without, O(*n* log *n*) with siblings to sort.
  init(
    _ nodes: [ConversationOutline.Node], oddities: inout Oddities,
    time: (Int) throws(AnabranchError) -> Int64?
  ) throws(AnabranchError) {
    parents = Array(repeating: nil, count: nodes.count)
    children = Array(repeating: [], count: nodes.count)
    let listed = link(nodes, &oddities)
    var times: [Int: Int64?] = [:]
    func moment(_ node: Int) throws(AnabranchError) -> Int64? {
      if let known = times[node] { return known }
      let found = try time(node)
      times[node] = .some(found)
      return found
    }
    for cycle in cycles() {
      oddities.note(
        "cycle", "some messages answer each other in a circle; it was cut at the earliest", skipped: false)
      for node in cycle { times[node] = .some(try moment(node)) }
      if let first = Self.sorted(cycle, nodes, times).first { parents[first] = nil }
    }
    var unlisted: [Int: [Int]] = [:]
    for (node, list) in listed.enumerated() { children[node] = list.filter { parents[$0] == node } }
    let isListed = Self.marks(children, count: nodes.count)
    for node in nodes.indices where !isListed[node] {
      if let parent = parents[node] { unlisted[parent, default: []].append(node) } else { roots.append(node) }
    }
    for group in Array(unlisted.values) + [roots] where group.count > 1 {
      for node in group { times[node] = .some(try moment(node)) }
    }
    for (parent, group) in unlisted { children[parent] += Self.sorted(group, nodes, times) }
    roots = Self.sorted(roots, nodes, times)
  }

  /// Fills ``parents`` and returns, for each node, those of its listed children that exist, each once.
  private mutating func link(_ nodes: [ConversationOutline.Node], _ oddities: inout Oddities) -> [[Int]] {
    var places: [ExactName: Int] = [:]
    for (place, node) in nodes.enumerated() { places[ExactName(node.id)] = place }
    var isDangling = Array(repeating: false, count: nodes.count)
    for (place, node) in nodes.enumerated() {
      guard let name = node.parent else { continue }
      parents[place] = places[ExactName(name)]
      isDangling[place] = parents[place] == nil
    }
    var listed: [[Int]] = Array(repeating: [], count: nodes.count)
    for (place, node) in nodes.enumerated() {
      var seen: Set<Int> = []
      for name in node.children {
        guard let child = places[ExactName(name)] else {
          oddities.note("missing-child", "an answer is named that the source does not have", skipped: false)
          continue
        }
        if parents[child] == nil && nodes[child].parent == nil || isDangling[child] {
          parents[child] = place
          isDangling[child] = false
        } else if parents[child] != place {
          oddities.note(
            "parent-mismatch", "two messages claim one answer; the answer's own word was taken",
            skipped: false)
        }
        if seen.insert(child).inserted { listed[place].append(child) }
      }
    }
    for place in nodes.indices where isDangling[place] {
      oddities.note(
        "missing-parent", "a message answers one that the source does not have; it stands as a beginning",
        skipped: false)
    }
    return listed
  }

  /// The cycles that following ``parents`` ends in, each as its nodes.
  private func cycles() -> [[Int]] {
    var visit = Array(repeating: 0, count: parents.count)
    var found: [[Int]] = []
    for start in parents.indices where visit[start] == 0 {
      var path: [Int] = []
      var at: Int? = start
      while let node = at, visit[node] == 0 {
        visit[node] = start + 1
        path.append(node)
        at = parents[node]
      }
      if let node = at, visit[node] == start + 1, let entry = path.firstIndex(of: node) {
        found.append(Array(path[entry...]))
      }
    }
    return found
  }

  private static func marks(_ lists: [[Int]], count: Int) -> [Bool] {
    var marks = Array(repeating: false, count: count)
    for list in lists { for node in list { marks[node] = true } }
    return marks
  }

  /// By time, those without one first, then by the bytes of their ids.
  private static func sorted(
    _ group: [Int], _ nodes: [ConversationOutline.Node], _ times: [Int: Int64?]
  ) -> [Int] {
    group.sorted { one, other in
      let (first, second) = (times[one] ?? nil, times[other] ?? nil)
      if first != second { return (first ?? .min) < (second ?? .min) }
      return nodes[one].id.utf8.lexicographicallyPrecedes(nodes[other].id.utf8)
    }
  }
}
