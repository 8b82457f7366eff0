/// All that was ever done to one text: who inserted and deleted what, where, and having seen what.
///
/// Three columns over the same events, each run-length encoded by itself: how the events build on each other, what
/// they do, and which operation each belongs to. What was inserted lies in one buffer. The text begins as a body that
/// no event inserted, or as nothing.
public struct TextHistory: Sendable {
  typealias Stretch = EditRuns.Stretch

  var graph = EventGraph()
  private(set) var edits = EditRuns()
  private(set) var operations = OperationRuns()
  /// The UTF-8 of the text's beginning, then of all that was inserted.
  private(set) var content: [UInt8]
  /// How many bytes of ``content`` are the text's beginning.
  let baseBytes: Int
  /// Which scalars of the text's beginning are gone.
  let baseGone: [Range<Int>]

  /// The history of a text that begins as the UTF-8 `base`.
  public init(base: some Sequence<UInt8> = []) {
    content = Array(base)
    baseBytes = content.count
    baseGone = []
  }

  /// The history of a text that begins as `base`.
  init(base: PartialText) {
    content = Array(base.text.utf8)
    baseBytes = content.count
    baseGone = base.gone
  }

  /// Adds `operation`, whose writer had seen what its predecessors had done, and no more.
  ///
  /// Predecessors that are not known stand for the text's beginning. Operations of one log are added in ascending
  /// order. Amortised O(edits + inserted) where nothing else was done at the same time.
  public mutating func add(_ operation: TextOperation) {
    let parents = heads(of: operation.predecessors)
    let start = graph.count
    var place = content.count
    if let inserted = operation.inserted { content.append(contentsOf: inserted) }
    let isASCII = operation.inserted?.count == operation.edits.insertedCount - operation.gone.total
    var inserted = 0
    func add(_ edit: TextEdit, isThere: Bool) {
      var end = place
      if isThere { end = isASCII ? place + edit.count : content.end(ofScalars: edit.count, from: place) }
      edits.append(Stretch(start: graph.count, edit: edit, bytes: place..<end))
      if graph.count == start { graph.add(edit.count, after: parents) } else { graph.extend(by: edit.count) }
      place = end
    }
    for edit in operation.edits {
      let isThere = !edit.isDeletion && operation.inserted != nil
      if isThere, !operation.gone.isEmpty {
        operation.gone.forEachPart(of: inserted..<inserted + edit.count) { part, isGone in
          add(edit.part(part.lowerBound - inserted..<part.upperBound - inserted), isThere: !isGone)
        }
      } else {
        add(edit, isThere: isThere)
      }
      if !edit.isDeletion { inserted += edit.count }
    }
    operations.add(operation.id, events: start..<graph.count, after: parents)
  }
}

// MARK: - Names

extension TextHistory {
  /// The heads of the version that an operation has seen which names `predecessors`.
  func heads(of predecessors: [OperationID]) -> [Int] {
    var heads: [Int] = []
    for name in predecessors { heads += operations.heads(of: name) }
    return heads.count > 1 ? graph.heads(of: Set(heads).sorted()) : heads
  }

  /// The last operation of each head of the version of everything: what the next edit builds on. Ascending.
  public var heads: [OperationID] {
    graph.heads.map { operations.name(of: $0) }.sorted()
  }

  /// Whether `a` comes before `b` where nothing else decides between two insertions at one place: by the name of
  /// their operation, then within it.
  func isLess(_ a: Int, _ b: Int) -> Bool {
    (operations.name(of: a), a) < (operations.name(of: b), b)
  }

  /// The parts of stretches that make up `events`, in order.
  func forEachStretch(of events: Range<Int>, _ body: (Stretch) -> Void) {
    var index = edits.index(holding: events.lowerBound)
    while index < edits.count, case let whole = edits[index], whole.start < events.upperBound {
      let wanted = whole.events.clamped(to: events)
      body(wanted == whole.events ? whole : part(whole, wanted))
      index += 1
    }
  }

  private func part(_ whole: Stretch, _ events: Range<Int>) -> Stretch {
    let offsets = events.lowerBound - whole.start..<events.upperBound - whole.start
    return Stretch(
      start: events.lowerBound, edit: whole.edit.part(offsets),
      bytes: content.bytes(ofScalars: offsets, within: whole.bytes, count: whole.edit.count))
  }
}
