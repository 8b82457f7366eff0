/// The order in which a stretch of an event graph is replayed: a causal one, known events before new ones, and along a
/// branch as far as it goes before the next, so that the prepared version is moved little.
struct Walk {
  private struct Node {
    var events: Range<Int>
    /// How many nodes that it builds on have not been visited.
    var waiting = 0
    var children: [Int] = []
  }

  private var nodes: [Node] = []
  /// Nodes all of whose parents have been visited; the last goes next. Those with new events wait at the bottom.
  private var known: [Int] = []
  private var new: [Int] = []
  private let firstNew: Int

  /// The walk over `events`, ascending ranges of `graph`; those from `new` on are new.
  init(of events: [Range<Int>], in graph: EventGraph, new firstNew: Int) {
    self.firstNew = firstNew
    for range in events {
      var next = range.lowerBound
      while next < range.upperBound {
        var end = min(graph.events(ofRun: graph.run(holding: next)).upperBound, range.upperBound)
        if next < firstNew { end = min(end, firstNew) }
        nodes.append(Node(events: next..<end))
        next = end
      }
    }
    for index in nodes.indices {
      for parent in graph.parents(of: nodes[index].events.lowerBound) {
        let before = nodes.partitioningIndex { $0.events.lowerBound > parent } - 1
        guard before >= 0, nodes[before].events.contains(parent) else { continue }
        nodes[before].children.append(index)
        nodes[index].waiting += 1
      }
    }
    for index in nodes.indices.reversed() where nodes[index].waiting == 0 { makeReady(index) }
  }

  private mutating func makeReady(_ index: Int) {
    if nodes[index].events.lowerBound < firstNew { known.append(index) } else { new.append(index) }
  }

  /// The events that are replayed next, each building on the one before; nil at the end.
  mutating func next() -> Range<Int>? {
    guard let index = known.popLast() ?? new.popLast() else { return nil }
    for child in nodes[index].children.reversed() {
      nodes[child].waiting -= 1
      if nodes[child].waiting == 0 { makeReady(child) }
    }
    return nodes[index].events
  }
}
