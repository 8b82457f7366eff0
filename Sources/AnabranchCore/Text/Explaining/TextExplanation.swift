/// Why a text reads as it does: what each operation did to it and what its writer had seen, and what came of it where writers
/// had not seen each other's.
///
/// All of the history is replayed for it, once; what it then tells of an operation costs no more than the merges around that.
public struct TextExplanation: Sendable {
  /// An operation on a text.
  public struct Step: Hashable, Sendable {
    /// One stretch of what it did.
    public struct Edit: Hashable, Sendable {
      /// Whether the words disappeared; else they were inserted.
      public var isDeletion: Bool
      /// The words.
      public var words: TextExcerpt
    }

    /// Its name.
    public var operation: OperationID
    /// When it was made, on its writer's hybrid clock.
    public var time: HybridTime
    /// What it did, one after the other; at most ``editsMax``.
    public var edits: [Edit]
    /// How many stretches it has in all.
    public var editCount: Int
    /// How many scalars it inserted.
    public var inserted: Int
    /// How many of these show.
    public var shown: Int
    /// How many scalars it deleted.
    public var deleted: Int
    /// The operations that its writer had not seen, and whose writers had not seen it, the last ones of them, at most
    /// ``namesMax``; in the order of the steps.
    public var concurrent: [OperationID]
    /// How many of these there are in all.
    public var concurrentCount: Int

    /// So many stretches of an operation are told at most.
    public static let editsMax = 20
    /// So many concurrent operations are named at most.
    public static let namesMax = 20
  }

  /// A stretch of a text, shown or not.
  public struct Stretch: Hashable, Sendable {
    /// What inserted it; nil for what the text began with.
    public var operation: OperationID?
    /// Where it lies among all that the operation inserted, or in what the text began with, in scalars.
    public var offset: Int
    /// How many scalars it has.
    public var count: Int
    /// What deleted it; nothing where it shows.
    public var deletedBy: [OperationID]
  }

  /// What the text began with.
  public let base: PartialText
  /// The operations that did something, in a causal order: that of their times, as far as it is one.
  let operations: [TextOperation]
  private let times: [HybridTime]
  /// The events of each.
  let events: [Range<Int>]
  let history: TextHistory
  let layout: TextLayout
  /// Of each operation how many of its scalars show.
  private let shown: [Int]
  /// What came again; nil where nothing did.
  let lineage: TextLineage?
  /// How many scalars of what the text began with show.
  public let baseShown: Int

  /// The explanation of the text that began as `base`, and to which `operations` were done, each at its change's time.
  /// O(n log n).
  ///
  /// `regained` tells where what an operation inserted was before, if an undo only brought it again.
  public init(
    base: PartialText, _ operations: [(operation: TextOperation, time: HybridTime)],
    regained: [OperationID: [TextOrigin]] = [:]
  ) {
    let times = Dictionary(operations.map { ($0.operation.id, $0.time) }) { first, _ in first }
    func key(_ operation: TextOperation) -> (HybridTime, OperationID) {
      (times[operation.id] ?? .zero, operation.id)
    }
    var history = TextHistory(base: base)
    var (steps, events): ([TextOperation], [Range<Int>]) = ([], [])
    for operation in operations.map(\.operation).inCausalOrder({ key($0) < key($1) }) {
      let start = history.graph.count
      history.add(operation)
      guard history.graph.count > start else { continue }
      steps.append(operation)
      events.append(start..<history.graph.count)
    }
    let layout = TextLayout(of: history, from: base.count, operations: events)
    var shown = [Int](repeating: 0, count: steps.count)
    var baseShown = 0
    for piece in layout.pieces where piece.deleters.isEmpty {
      if let operation = piece.operation {
        shown[operation] += piece.names.count
      } else {
        baseShown += piece.names.count
      }
    }
    (self.base, self.baseShown) = (base, baseShown)
    self.operations = steps
    self.times = steps.map { key($0).0 }
    (self.events, self.history, self.layout, self.shown) = (events, history, layout, shown)
    lineage = regained.isEmpty ? nil : TextLineage(regained)
  }

  /// How many operations did something.
  public var count: Int {
    operations.count
  }

  /// The operations that did something, in a causal order: that of their times, as far as it is one.
  public var names: [OperationID] {
    operations.map(\.id)
  }

  /// The whole text, deleted words included, in the order that all replicas keep. O(n).
  public var stretches: [Stretch] {
    var stretches: [Stretch] = []
    for piece in layout.pieces {
      let operation = piece.operation.map { operations[$0].id }
      let deleters = piece.deleters.map { operations[$0].id }
      let offset = offset(of: piece)
      if let last = stretches.last, last.operation == operation, last.offset + last.count == offset,
        last.deletedBy == deleters
      {
        stretches[stretches.count - 1].count += piece.names.count
      } else {
        stretches.append(
          Stretch(operation: operation, offset: offset, count: piece.names.count, deletedBy: deleters))
      }
    }
    return stretches
  }

  func offset(of piece: TextLayout.Piece) -> Int {
    guard let operation = piece.operation else { return piece.names.lowerBound }
    let event = piece.names.lowerBound - layout.baseCount
    return history.insertedCount(of: events[operation].lowerBound..<event)
  }
}

extension TextExplanation {
  /// The operation at `index`, from 0 to ``count``. O(its events, and what was done at the same time).
  public func step(_ index: Int) -> Step {
    var step = Step(
      operation: operations[index].id, time: times[index], edits: [], editCount: operations[index].edits.count,
      inserted: 0, shown: shown[index], deleted: 0, concurrent: [], concurrentCount: 0)
    forEachEdit(of: index) { edit, names in
      let count = names.reduce(0) { $0 + $1.count }
      if edit.isDeletion { step.deleted += count } else { step.inserted += count }
      guard step.edits.count < Step.editsMax else { return }
      step.edits.append(Step.Edit(isDeletion: edit.isDeletion, words: excerpt(of: names)))
    }
    let concurrent = concurrent(with: index)
    step.concurrentCount = concurrent.reduce(0) { $0 + $1.count }
    step.concurrent = concurrent.joined().suffix(Step.namesMax).map { operations[$0].id }
    return step
  }

  /// Passes what an operation did, with the scalars that it inserted or deleted.
  func forEachEdit(of index: Int, _ body: (TextEdit, [Range<Int>]) -> Void) {
    var next = events[index].lowerBound
    for edit in operations[index].edits {
      let own = next..<next + edit.count
      body(edit, edit.isDeletion ? layout.deleted(by: edit, own) : [layout.inserted(by: own)])
      next = own.upperBound
    }
  }

  /// The operations of which the writers had not seen that one, nor its writer them, ascending.
  func concurrent(with index: Int) -> [Range<Int>] {
    history.graph.events(concurrentWith: events[index].upperBound - 1).map { found in
      self.index(of: found.lowerBound)..<self.index(of: found.upperBound - 1) + 1
    }
  }

  /// The operation that an event belongs to.
  func index(of event: Int) -> Int {
    events.partitioningIndex { $0.upperBound > event }
  }
}
