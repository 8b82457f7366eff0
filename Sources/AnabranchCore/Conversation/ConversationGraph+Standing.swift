extension ConversationGraph {
  /// Where a message stands in the linear reading, and what decided that.
  public struct Standing: Hashable, Sendable {
    /// The run that it lies in.
    public var run: [Node]
    /// The runs that neither lead to it nor follow from it, in the order of the reading.
    public var beside: [Beside]
  }

  /// A run that stands beside another one: no chain of parents leads from one to the other.
  public struct Beside: Hashable, Sendable {
    /// The run.
    public var run: [Node]
    /// Whether it is read before the other one.
    public var isBefore: Bool
    /// What decided that: the first message of the run that is read before, and that of another run which could have been read
    /// in its place, and which is the one that is read after or leads to it. Nil in a cycle, which only a forged history has.
    public var compared: Compared?
  }

  /// The first messages of two runs that could both have been read next.
  public struct Compared: Hashable, Sendable {
    /// The lesser one, which went first.
    public var first: Node
    /// The other one.
    public var second: Node
  }

  /// Where `node` stands in ``linearReading(precedes:)``; nil where it is not among the nodes. O(n log n).
  public func standing(of node: Node, precedes: @escaping (Node, Node) -> Bool) -> Standing? {
    let runs = runs(precedes: precedes)
    var runOfNode: [Node: Int] = [:]
    for (index, run) in runs.enumerated() { for node in run { runOfNode[node] = index } }
    guard let own = runOfNode[node] else { return nil }
    var parentsOfRun = [[Int]](repeating: [], count: runs.count)
    for (index, node) in nodes.enumerated() {
      guard let run = runOfNode[node], runs[run].first == node else { continue }
      parentsOfRun[run] = parents[index].compactMap { runOfNode[nodes[$0]] }
    }
    let past = past(of: own, parentsOfRun)
    let leading = past.sorted() + [own]
    let isInOrder = leading.allSatisfy { run in parentsOfRun[run].allSatisfy { $0 < run } }

    var beside: [Beside] = []
    for before in runs.indices.prefix(own) where !past.contains(before) {
      // What leads to the first of these that is read later leads to it before, too: it could have been read next.
      let next = leading.first { $0 > before }
      beside.append(one(runs, before, isBefore: true, isInOrder ? next.map { (before, $0) } : nil))
    }
    // Of each run that is read later the first that led to it then; none for what follows from this one.
    var next: [Int?] = runs.map { _ in nil }
    var following: Set<Int> = [own]
    for after in runs.indices.dropFirst(own + 1) {
      if parentsOfRun[after].contains(where: following.contains) {
        following.insert(after)
        continue
      }
      guard !past.contains(after) else { continue }
      let isReady = parentsOfRun[after].allSatisfy { $0 < after }
      next[after] = parentsOfRun[after].compactMap { $0 > own ? next[$0] : nil }.min() ?? after
      beside.append(one(runs, after, isBefore: false, isReady && isInOrder ? next[after].map { (own, $0) } : nil))
    }
    return Standing(run: runs[own], beside: beside)
  }

  private func one(_ runs: [[Node]], _ run: Int, isBefore: Bool, _ compared: (first: Int, second: Int)?) -> Beside {
    let names = compared.flatMap { compared in
      runs[compared.first].first.flatMap { first in
        runs[compared.second].first.map { Compared(first: first, second: $0) }
      }
    }
    return Beside(run: runs[run], isBefore: isBefore, compared: names)
  }

  /// The runs that lead to a run.
  private func past(of run: Int, _ parents: [[Int]]) -> Set<Int> {
    var past: Set<Int> = []
    var waiting = parents[run]
    while let next = waiting.popLast() {
      if next != run, past.insert(next).inserted { waiting += parents[next] }
    }
    return past
  }
}
