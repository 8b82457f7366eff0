/// The events of one text, insertions and deletions of a scalar each, as a directed acyclic graph.
///
/// Events are numbered from 0 in the order in which they were added, which is a causal one; a number is local, and
/// names an event only here. A **version** is a set of events that is closed under what came before; it is named by
/// its heads, in ascending order, and the empty one by none. Consecutive events that build on each other are kept as
/// one run, so the graph of what one person typed is a few numbers.
///
/// Gentle and Kleppmann, "Collaborative Text Editing with Eg-walker: Better, Faster, Smaller", 2024, §2 and §3.
struct EventGraph: Sendable {
  /// Events that build on each other, each on the one before; the first builds on `parents`.
  struct Run: Sendable {
    var start: Int
    var parents: [Int]
    /// How many scalars the text has in the version of ``parents``; known once the run is merged.
    var countBefore = 0
  }

  /// Every event stands in one; ascending.
  private(set) var runs: [Run] = []
  /// The number of events.
  private(set) var count = 0
  /// The version of all of them.
  private(set) var heads: [Int] = []

  /// Adds `added` events, at least one, each building on the one before and the first on `parents`, the heads of a
  /// version. Amortised O(parents).
  mutating func add(_ added: Int, after parents: [Int]) {
    if parents.count != 1 || parents[0] != count - 1 { runs.append(Run(start: count, parents: parents)) }
    heads.replace(parents, by: count + added - 1)
    count += added
  }

  /// Adds `added` events that go on after the one added last. O(1).
  mutating func extend(by added: Int) {
    heads[heads.count - 1] += added
    count += added
  }

  /// Notes that the text has `count` scalars where run `index` begins.
  mutating func setCount(_ count: Int, beforeRun index: Int) {
    runs[index].countBefore = count
  }

  /// The index in ``runs`` of the one that holds `event`. O(log n).
  func run(holding event: Int) -> Int {
    runs.partitioningIndex { $0.start > event } - 1
  }

  /// The events of run `index`.
  func events(ofRun index: Int) -> Range<Int> {
    runs[index].start..<(index + 1 < runs.count ? runs[index + 1].start : count)
  }

  /// What `event` builds on. O(log n).
  func parents(of event: Int) -> [Int] {
    let run = runs[run(holding: event)]
    return run.start == event ? run.parents : [event - 1]
  }
}

extension [Int] {
  /// Makes `head`, which builds on `parents` and comes after all that is there, a head in place of them.
  mutating func replace(_ parents: [Int], by head: Int) {
    if count == 1, parents.count == 1, parents[0] == self[0] {
      self[0] = head
    } else {
      removeAll(where: parents.contains)
      append(head)
    }
  }
}
