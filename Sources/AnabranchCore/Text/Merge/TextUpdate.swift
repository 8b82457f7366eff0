/// What new operations do to a text of which only what it says is kept, and not its history.
///
/// The text is given by how many scalars it has; what lies beside the new operations is replayed in a text of that many
/// unknown ones, from the last version that all of it builds on. It neither finds that version, which is
/// ``replayed(from:to:parents:)``'s work, nor touches the text.
///
/// Gentle and Kleppmann, "Collaborative Text Editing with Eg-walker", 2024, §3.6: the placeholder.
package struct TextUpdate {
  /// An operation that the text holds.
  package struct Known {
    /// What it did.
    package var operation: TextOperation
    /// How many scalars the text has in the version that its writer saw.
    package var countBefore: Int

    /// `operation`, whose writer saw a text of `countBefore` scalars.
    package init(_ operation: TextOperation, countBefore: Int) {
      self.operation = operation
      self.countBefore = countBefore
    }
  }

  private var history = TextHistory()
  /// What the writers of all that is known saw, and then of all that is new.
  private var counts: [Int]
  private let knownCount: Int
  private let knownEvents: Int
  private let knownHeads: [Int]
  /// How many scalars the text has.
  package private(set) var count: Int

  /// The update of a text of `count` scalars, which holds `known`, by `new`: both in a causal order. What `known`
  /// builds on and is not in it is the version from which it is replayed. O(operations).
  package init(of count: Int, holding known: [Known], by new: [TextOperation]) {
    self.count = count
    counts = known.map(\.countBefore)
    knownCount = known.count
    for item in known {
      let runs = history.graph.runCount
      history.add(item.operation)
      if history.graph.runCount > runs { history.graph.setCount(item.countBefore, beforeRun: runs) }
    }
    knownEvents = history.graph.count
    knownHeads = history.graph.heads
    for operation in new { history.add(operation) }
  }

  /// Tells what to do to the text, one patch after the other, with the content that they mean. Done once.
  package mutating func merge(_ apply: (TextPatch, [UInt8]) -> Void) {
    var count = count
    history.merge(from: knownEvents, at: knownHeads, count: count) { patch, content in
      count += patch.growth
      apply(patch, content)
    }
    self.count = count
    noteCounts()
  }

  /// What the text's version is now; nil where nothing happened that could have changed it.
  package var heads: [OperationID]? {
    history.graph.count > 0 ? history.heads : nil
  }

  /// How many scalars the writer of each new operation saw, in order; 0 for one that does nothing.
  package var countsBefore: ArraySlice<Int> {
    counts[knownCount...]
  }

  /// Where an operation goes on with the one before it, its writer saw what that left; else the merge has noted it.
  private mutating func noteCounts() {
    var after = 0
    var index = 0
    history.operations.forEach { events in
      defer { index += 1 }
      guard !events.isEmpty else {
        if index >= knownCount { counts.append(0) }
        return
      }
      if index < knownCount {
        after = counts[index]
      } else {
        let run = history.graph.run(holding: events.lowerBound)
        if history.graph.starts[run] == events.lowerBound { after = history.graph.countsBefore[run] }
        counts.append(after)
      }
      after = history.count(after: events, from: after)
    }
  }
}

// MARK: - What is replayed

extension TextUpdate {
  /// The operations, by numbers that ascend in a causal order, that have to be replayed to bring a text from `version` to
  /// `target`: all those of either that do not lie in the past of all others. Ascending. Versions are named by their
  /// heads; `parents` tells those that an operation builds on.
  ///
  /// The same walk as ``EventGraph/conflict(_:_:)``, over operations of which each is asked for once: O(d log d) for
  /// d of them on the way.
  package static func replayed(
    from version: [Int], to target: [Int], parents: (Int) throws -> [Int]
  ) rethrows -> [Int] {
    var found: [Int] = []
    var queue = VersionQueue()
    queue.insert(version.sorted())
    queue.insert(target.sorted())
    while let version = queue.popLast() {
      // When one version is left, all the rest builds on it; the empty one is always left last.
      guard let last = version.last, !queue.isEmpty else { return found.reversed() }
      for head in version.dropLast() { queue.insert([head]) }
      while let next = queue.popLast(from: last) {
        for other in next.dropLast() { queue.insert([other]) }
        if queue.isEmpty { return found.reversed() }
      }
      found.append(last)
      // What a damaged history says is before itself is not waited for.
      queue.insert(try parents(last).filter { $0 < last }.sorted())
    }
    return found.reversed()
  }
}
