/// The events of one text, insertions and deletions of a scalar each, as a directed acyclic graph.
///
/// Events are numbered from 0 in the order in which they were added, which is a causal one; a number is local, and
/// names an event only here. A **version** is a set of events that is closed under what came before; it is named by
/// its heads, in ascending order, and the empty one by none. Consecutive events that build on each other are kept as
/// one run, so the graph of what one person typed is a few numbers.
///
/// Gentle and Kleppmann, "Collaborative Text Editing with Eg-walker: Better, Faster, Smaller", 2024, §2 and §3.
struct EventGraph: Sendable {
  /// The first event of each **run**, consecutive events that build on each other; ascending.
  private(set) var starts = IntColumn()
  /// What the runs' first events build on, of one run after the other.
  private var parents = IntColumn()
  /// Where in ``parents`` those of each run end.
  private var parentsEnds = IntColumn()
  /// How many scalars the text has in the version that each run builds on; known once it is merged.
  private(set) var countsBefore = IntColumn()
  /// The number of events.
  private(set) var count = 0
  /// The version of all of them.
  private(set) var heads: [Int] = []

  /// Adds `added` events, at least one, each building on the one before and the first on `parents`, the heads of a
  /// version. Amortised O(parents).
  mutating func add(_ added: Int, after parents: [Int]) {
    if parents.count != 1 || parents[0] != count - 1 {
      for parent in parents { self.parents.append(parent) }
      starts.append(count)
      parentsEnds.append(self.parents.count)
      countsBefore.append(0)
    }
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
    countsBefore[index] = count
  }

  /// How many runs there are.
  var runCount: Int {
    starts.count
  }

  /// The index of the run that holds `event`. O(log n).
  func run(holding event: Int) -> Int {
    starts.partitioningIndex { $0 > event } - 1
  }

  /// The events of run `index`.
  func events(ofRun index: Int) -> Range<Int> {
    starts[index]..<(index + 1 < runCount ? starts[index + 1] : count)
  }

  /// What the first event of run `index` builds on.
  func parents(ofRun index: Int) -> Slice<IntColumn> {
    parents[(index > 0 ? parentsEnds[index - 1] : 0)..<parentsEnds[index]]
  }

  /// What `event` builds on. O(log n).
  func parents(of event: Int) -> [Int] {
    let run = run(holding: event)
    return starts[run] == event ? Array(parents(ofRun: run)) : [event - 1]
  }
}

extension [Int] {
  /// Makes `head`, which builds on `parents` and comes after all that is there, a head in place of them.
  mutating func replace(_ parents: some Collection<Int>, by head: Int) {
    if count == 1, parents.count == 1, parents.first == self[0] {
      self[0] = head
    } else {
      removeAll(where: parents.contains)
      append(head)
    }
  }
}
