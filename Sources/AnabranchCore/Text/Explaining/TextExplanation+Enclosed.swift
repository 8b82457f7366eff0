extension TextExplanation {
  /// By the index of a piece, where words begin that were inserted in one go, the operations that deleted all around these: what
  /// the writer of such a deletion saw to the left and to the right of them went by it, and neither writer had seen the other's
  /// operation. As far as one of the two is among `steps`, ascending.
  ///
  /// One walk along the text, in which a deletion is looked at from what it deleted to the next words that its writer saw and
  /// left. O(n log n), for each of `steps` and each other deletion that may have to do with them the runs of the graph after it, and
  /// for each piece the deletions that are looked at there.
  func deletersAround(of steps: Range<Int>) -> [Int: [Int]] {
    var concurrency = Concurrency(with: steps, in: self)
    let (beginnings, leadsToStep) = (insertionBeginnings(), piecesLeading(to: steps))
    var found: [Int: [Int]] = [:]
    // By deletion the words since the last ones that it deleted, as far as nothing stands between that it left.
    var waiting: [Int: [Int]] = [:]
    for (index, piece) in layout.pieces.enumerated() {
      for (deleter, pieces) in waiting where piece.operation != deleter {
        if piece.deleters.contains(deleter) {
          for enclosed in pieces { found[enclosed, default: []].append(deleter) }
          waiting[deleter] = []
        } else if let operation = piece.operation, steps.contains(operation) || steps.contains(deleter),
          concurrency.areConcurrent(operation, deleter)
        {
          if beginnings.contains(piece.names.lowerBound) { waiting[deleter]?.append(index) }
        } else if concurrency.isLeft(piece, by: deleter) {
          waiting[deleter] = nil
        }
      }
      for deleter in piece.deleters where waiting[deleter] == nil && piece.operation != deleter {
        guard steps.contains(deleter) || leadsToStep[index] && concurrency.concerns(deleter) else { continue }
        waiting[deleter] = []
      }
    }
    return found.mapValues { $0.sorted() }
  }

  /// Of each piece whether, from it on, words of one of `steps` come before any that were there at first and that nobody deleted:
  /// beyond these no deletion is looked at. O(pieces).
  private func piecesLeading(to steps: Range<Int>) -> [Bool] {
    var leads = [Bool](repeating: false, count: layout.pieces.count)
    var isAhead = false
    for (index, piece) in layout.pieces.enumerated().reversed() {
      if let operation = piece.operation {
        if steps.contains(operation) { isAhead = true }
      } else if piece.deleters.isEmpty {
        isAhead = false
      }
      leads[index] = isAhead
    }
    return leads
  }

  /// The first scalars of all that was inserted in one go. O(edits).
  private func insertionBeginnings() -> Set<Int> {
    var beginnings: Set<Int> = []
    for index in operations.indices {
      var next = events[index].lowerBound + layout.baseCount
      for edit in operations[index].edits {
        if !edit.isDeletion { beginnings.insert(next) }
        next += edit.count
      }
    }
    return beginnings
  }

  /// Which operations were made at the same time as others, as far as that concerns some steps.
  private struct Concurrency {
    private let explanation: TextExplanation
    /// The steps, and all that was made at the same time as one of them; ascending, and none overlaps another.
    private var concerned: [Range<Int>] = []
    /// What is known so far: by operation those that were made at the same time, ascending.
    private var known: [Int: [Range<Int>]] = [:]

    init(with steps: Range<Int>, in explanation: TextExplanation) {
      self.explanation = explanation
      var all: [Range<Int>] = [steps]
      for step in steps {
        let concurrent = explanation.concurrent(with: step)
        known[step] = concurrent
        all += concurrent
      }
      for next in all.sorted(by: { $0.lowerBound < $1.lowerBound }) where !next.isEmpty {
        if let last = concerned.last, next.lowerBound <= last.upperBound {
          concerned[concerned.count - 1] = last.lowerBound..<max(last.upperBound, next.upperBound)
        } else {
          concerned.append(next)
        }
      }
    }

    /// Whether an operation is one of the steps, or was made at the same time as one.
    func concerns(_ operation: Int) -> Bool {
      Self.holds(concerned, operation)
    }

    /// Whether neither of the writers of two operations had seen the other one.
    mutating func areConcurrent(_ other: Int, _ operation: Int) -> Bool {
      if let concurrent = known[operation] { return Self.holds(concurrent, other) }
      if let concurrent = known[other] { return Self.holds(concurrent, operation) }
      let concurrent = explanation.concurrent(with: operation)
      known[operation] = concurrent
      return Self.holds(concurrent, other)
    }

    /// Whether the writer of a deletion saw a piece, and left it.
    mutating func isLeft(_ piece: TextLayout.Piece, by deleter: Int) -> Bool {
      // Operations are in a causal order: what was not made at the same time was seen by who came later.
      if let operation = piece.operation, operation > deleter || areConcurrent(operation, deleter) { return false }
      for other in piece.deleters where other < deleter && !areConcurrent(other, deleter) { return false }
      return true
    }

    private static func holds(_ ranges: [Range<Int>], _ operation: Int) -> Bool {
      let place = ranges.partitioningIndex { $0.upperBound > operation }
      return place < ranges.count && ranges[place].contains(operation)
    }
  }
}
