/// All that was ever done to one text: who inserted and deleted what, where, and having seen what.
///
/// Three columns over the same events, each run-length encoded by itself: how the events build on each other, what
/// they do, and which operation each belongs to. What was inserted lies in one buffer. The text begins as a body that
/// no event inserted, or as nothing.
public struct TextHistory: Sendable {
  /// Edits whose events are numbered from `start` on.
  struct Stretch: Sendable {
    var start: Int
    var edit: TextEdit
    /// Where in ``TextHistory/content`` the inserted scalars lie; empty where nothing is inserted, or it is absent.
    var bytes: Range<Int>

    var events: Range<Int> {
      start..<start + edit.count
    }
  }

  /// An operation, whose events are numbered from `start` on.
  struct Operation: Sendable {
    var start: Int
    var id: OperationID
    /// What an operation without events builds on, and hence stands for.
    var parents: [Int]
  }

  var graph = EventGraph()
  private(set) var stretches: [Stretch] = []
  private(set) var operations: [Operation] = []
  /// The UTF-8 of the text's beginning, then of all that was inserted.
  private(set) var content: [UInt8]
  /// How many bytes of ``content`` are the text's beginning.
  let baseBytes: Int
  /// Which scalars of the text's beginning are gone.
  let baseGone: [Range<Int>]
  private var logs: [LogOperations] = []
  private var logNumbers: [LogID: Int] = [:]

  /// The operations of one log, as indices of ``operations``; they ascend, as changes come in their log's order.
  private struct LogOperations: Sendable {
    var log: LogID
    var operations: [Int] = []
  }

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
      append(Stretch(start: graph.count, edit: edit, bytes: place..<end))
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
    let isEmpty = graph.count == start
    logs[logNumber(operation.id.log)].operations.append(operations.count)
    operations.append(Operation(start: start, id: operation.id, parents: isEmpty ? parents : []))
  }

  private mutating func logNumber(_ log: LogID) -> Int {
    if let number = knownLogNumber(log) { return number }
    logNumbers[log] = logs.count
    logs.append(LogOperations(log: log))
    return logs.count - 1
  }

  /// The index in ``logs`` of `log`; the first few are looked for in a row, which costs less than a hash.
  private func knownLogNumber(_ log: LogID) -> Int? {
    for number in 0..<min(logs.count, 4) where logs[number].log == log { return number }
    return logs.count > 4 ? logNumbers[log] : nil
  }

  private mutating func append(_ stretch: Stretch) {
    let last = stretches.count - 1
    if last >= 0, stretches[last].bytes.isEmpty == stretch.bytes.isEmpty, stretches[last].edit.join(stretch.edit) {
      stretches[last].bytes = stretches[last].bytes.lowerBound..<stretch.bytes.upperBound
    } else {
      stretches.append(stretch)
    }
  }
}

// MARK: - Names

extension TextHistory {
  /// The heads of the version that an operation has seen which names `predecessors`.
  func heads(of predecessors: [OperationID]) -> [Int] {
    var heads: [Int] = []
    for name in predecessors {
      guard let index = operation(holding: name) else { continue }
      let end = index + 1 < operations.count ? operations[index + 1].start : graph.count
      if end > operations[index].start { heads.append(end - 1) } else { heads += operations[index].parents }
    }
    return heads.count > 1 ? graph.heads(of: Set(heads).sorted()) : heads
  }

  /// The last operation of each head of the version of everything: what the next edit builds on. Ascending.
  public var heads: [OperationID] {
    graph.heads.map { operations[operation(of: $0)].id }.sorted()
  }

  /// The index of the operation that `name` is an identifier of. O(log n), mostly O(1).
  private func operation(holding name: OperationID) -> Int? {
    if let last = operations.last, last.id == name { return operations.count - 1 }
    guard let number = knownLogNumber(name.log) else { return nil }
    let place = logs[number].operations.partitioningIndex { operations[$0].id > name }
    guard place > 0 else { return nil }
    let index = logs[number].operations[place - 1]
    return operations[index].id.sequence == name.sequence ? index : nil
  }

  /// The index of the operation that `event` belongs to. O(log n).
  func operation(of event: Int) -> Int {
    operations.partitioningIndex { $0.start > event } - 1
  }

  /// Whether `a` comes before `b` where nothing else decides between two insertions at one place: by the name of
  /// their operation, then within it.
  func isLess(_ a: Int, _ b: Int) -> Bool {
    (operations[operation(of: a)].id, a) < (operations[operation(of: b)].id, b)
  }

  /// The index of the stretch that holds `event`. O(log n).
  func stretch(holding event: Int) -> Int {
    stretches.partitioningIndex { $0.start > event } - 1
  }

  /// The parts of stretches that make up `events`, in order.
  func forEachStretch(of events: Range<Int>, _ body: (Stretch) -> Void) {
    var index = stretch(holding: events.lowerBound)
    while index < stretches.count, stretches[index].start < events.upperBound {
      let whole = stretches[index]
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
