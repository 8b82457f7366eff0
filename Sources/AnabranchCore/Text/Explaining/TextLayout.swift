/// Every scalar that was ever in a text, deleted ones included, in the one order that all replicas keep.
///
/// Scalars go by the names that ``MergeState`` has for them, and operations by their numbers in a causal order.
struct TextLayout: Sendable {
  /// Scalars of consecutive names that one operation inserted, or the text began with, and that fared alike.
  struct Piece: Sendable {
    var names: Range<Int>
    /// What inserted them; nil for the beginning.
    var operation: Int?
    /// The origins of the first of them: see ``TrackedRun``.
    var leftOrigin: Int
    var rightOrigin: Int
    /// What deleted them, ascending; none of several had seen another one.
    var deleters: [Int] = []
  }

  /// Where scalars were inserted, so that two at one place were inserted by writers who had not seen each other's.
  ///
  /// Every scalar is a child, in a tree, of one that stands beside it: to the left of what comes next, where that is a child of
  /// what comes before, else to the right of what comes before. Weidner and Kleppmann, "The Art of the Fugue", 2023, Algorithm 1.
  struct Site: Hashable, Sendable {
    var leftOrigin: Int
    /// Nil for a child of the left origin.
    var rightOrigin: Int?
  }

  private(set) var pieces: [Piece] = []
  /// The indices of the pieces in the order of their names.
  private var byName: [Int] = []
  private let state: MergeState
  /// How many scalars the text began with; their names are the first.
  let baseCount: Int

  /// The layout of a text that began with `baseCount` scalars, of which the operations have `events`, in their order. O(n log n).
  init(of history: TextHistory, from baseCount: Int, operations events: [Range<Int>]) {
    state = history.replayed(from: baseCount)
    self.baseCount = baseCount
    var pieces: [Piece] = []
    state.forEachRun { pieces += Self.pieces(of: $0, from: baseCount, operations: events) }
    byName = pieces.indices.sorted { pieces[$0].names.lowerBound < pieces[$1].names.lowerBound }
    self.pieces = pieces
    for operation in events.indices {
      history.forEachStretch(of: events[operation]) { stretch in
        guard stretch.edit.isDeletion else { return }
        for names in state.deleted(by: stretch.events) { note(names, deletedBy: operation) }
      }
    }
  }

  /// What the text began with of a run, and what each operation inserted: typing that went on may have made them one.
  private static func pieces(of run: TrackedRun, from baseCount: Int, operations events: [Range<Int>]) -> [Piece] {
    var pieces: [Piece] = []
    func add(_ names: Range<Int>, _ operation: Int?) {
      let isFirst = names.lowerBound == run.name
      pieces.append(
        Piece(
          names: names, operation: operation, leftOrigin: isFirst ? run.leftOrigin : names.lowerBound - 1,
          rightOrigin: run.rightOrigin))
    }
    let beginning = run.names.clamped(to: 0..<baseCount)
    if !beginning.isEmpty { add(beginning, nil) }
    var rest = max(run.name, baseCount)..<max(run.names.upperBound, baseCount)
    var operation = events.partitioningIndex { $0.upperBound > rest.lowerBound - baseCount }
    while !rest.isEmpty, operation < events.count {
      let names = rest.lowerBound..<min(rest.upperBound, events[operation].upperBound + baseCount)
      add(names, operation)
      rest = names.upperBound..<rest.upperBound
      operation += 1
    }
    return pieces
  }

  /// Notes what an operation deleted: whole pieces, since runs are cut where deletions begin and end.
  private mutating func note(_ names: Range<Int>, deletedBy operation: Int) {
    var next = firstIndex(from: names.lowerBound)
    while next < byName.count, pieces[byName[next]].names.lowerBound < names.upperBound {
      pieces[byName[next]].deleters.append(operation)
      next += 1
    }
  }

  /// Where in ``byName`` the piece with that scalar stands.
  private func firstIndex(from name: Int) -> Int {
    byName.partitioningIndex { pieces[$0].names.upperBound > name }
  }
}

extension TextLayout {
  /// The index of the piece with that scalar.
  func index(of name: Int) -> Int {
    byName[firstIndex(from: name)]
  }

  /// The pieces that have any of `names`, which follow each other, in the order of these.
  func pieces(with names: Range<Int>) -> some Sequence<Piece> {
    byName[firstIndex(from: names.lowerBound)...].lazy.map { pieces[$0] }
      .prefix { $0.names.lowerBound < names.upperBound }
  }

  /// Where a piece was inserted.
  func site(of piece: Piece) -> Site {
    let right = piece.rightOrigin
    let isLeftChild = right != MergeState.end && leftOrigin(of: right) == piece.leftOrigin
    return Site(leftOrigin: piece.leftOrigin, rightOrigin: isLeftChild ? right : nil)
  }

  private func leftOrigin(of name: Int) -> Int {
    let piece = pieces[index(of: name)]
    return piece.names.lowerBound == name ? piece.leftOrigin : name - 1
  }

  /// The scalars that `events`, deletions, deleted, in the order of the text.
  func deleted(by edit: TextEdit, _ events: Range<Int>) -> [Range<Int>] {
    let deleted = state.deleted(by: events)
    return edit.kind == .deleteBackward ? deleted.reversed() : deleted
  }

  /// The scalars that `events`, insertions, inserted.
  func inserted(by events: Range<Int>) -> Range<Int> {
    events.lowerBound + baseCount..<events.upperBound + baseCount
  }
}
