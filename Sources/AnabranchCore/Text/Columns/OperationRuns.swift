/// Which operation each event of a text belongs to, run-length encoded: consecutive changes of one log that did as much
/// each are one run, so what a person types, a change for each key, costs nothing by the key.
struct OperationRuns: Sendable {
  /// Operations of consecutive changes of one log.
  private struct Run: Sendable {
    /// The log, as an index of ``OperationRuns/logs``.
    var log: UInt32
    /// The first one's change, in that log.
    var sequence: UInt32
    /// The index in its change of each.
    var index: UInt32
    /// How many operations there are.
    var count: UInt32
  }

  /// The runs of one log, as indices of ``runs``; they ascend, as changes come in their log's order.
  private struct LogRuns: Sendable {
    var log: LogID
    var runs = IntColumn()
  }

  private var runs = BlockArray<Run>()
  /// Of each run the number of its first event, and how many events each of its operations has. An operation without any is a
  /// run of its own.
  private var starts = IntColumn()
  private var sizes = IntColumn()
  /// What operations without events build on, and hence stand for; by their run.
  private var parentsOfEmpty: [Int: [Int]] = [:]
  private var logs: [LogRuns] = []
  private var logNumbers: [LogID: Int] = [:]

  /// Adds the operation `id`, whose writer had seen `parents` and whose `events` come right after those of the one added
  /// last. Operations of one log are added in ascending order. Amortised O(1).
  mutating func add(_ id: OperationID, events: Range<Int>, after parents: [Int]) {
    let log = logNumber(id.log)
    if continues(id, log, events.count) {
      runs[runs.count - 1].count += 1
      return
    }
    if events.isEmpty, !parents.isEmpty { parentsOfEmpty[runs.count] = parents }
    logs[log].runs.append(runs.count)
    runs.append(Run(log: UInt32(log), sequence: id.sequence, index: id.index, count: 1))
    starts.append(events.lowerBound)
    sizes.append(events.count)
  }

  /// Whether an operation with as many events is the next of the last run.
  private func continues(_ id: OperationID, _ log: Int, _ events: Int) -> Bool {
    guard let last = runs.last, events > 0, events == sizes[runs.count - 1] else { return false }
    return last.log == log && last.index == id.index && UInt64(last.sequence) + UInt64(last.count) == id.sequence
  }

  /// The name of the operation that `event` belongs to. O(log n).
  func name(of event: Int) -> OperationID {
    operation(of: event).name
  }

  /// The operation that `event` belongs to. O(log n).
  func operation(of event: Int) -> (name: OperationID, events: Range<Int>) {
    let run = starts.partitioningIndex { $0 > event } - 1
    let offset = (event - starts[run]) / max(sizes[run], 1)
    return (name(run, offset), events(run, offset))
  }

  /// The last event of the operation that `name` is an identifier of, or, where that has none, what it builds on; nothing
  /// where it is not known. O(log n), mostly O(1).
  func heads(of name: OperationID) -> [Int] {
    guard let (run, offset) = find(name) else { return [] }
    let events = events(run, offset)
    return events.isEmpty ? parentsOfEmpty[run] ?? [] : [events.upperBound - 1]
  }

  /// Passes the events of each operation, in the order in which they were added.
  func forEach(_ body: (Range<Int>) -> Void) {
    for run in runs.indices {
      for offset in 0..<Int(runs[run].count) { body(events(run, offset)) }
    }
  }

  private func name(_ run: Int, _ offset: Int) -> OperationID {
    let first = runs[run]
    return OperationID(log: logs[Int(first.log)].log, sequence: first.sequence + UInt32(offset), index: first.index)
  }

  private func events(_ run: Int, _ offset: Int) -> Range<Int> {
    let start = starts[run] + offset * sizes[run]
    return start..<start + sizes[run]
  }

  private func find(_ name: OperationID) -> (run: Int, offset: Int)? {
    guard let number = knownLogNumber(name.log) else { return nil }
    let own = logs[number].runs
    var place = own.count - 1
    // Mostly the last one is meant.
    if place >= 0, self.name(own[place], 0) > name { place = own.partitioningIndex { self.name($0, 0) > name } - 1 }
    guard place >= 0 else { return nil }
    let run = runs[own[place]]
    let offset = name.sequence - run.sequence
    return offset < run.count && run.index <= name.index ? (own[place], Int(offset)) : nil
  }

  private mutating func logNumber(_ log: LogID) -> Int {
    if let number = knownLogNumber(log) { return number }
    logNumbers[log] = logs.count
    logs.append(LogRuns(log: log))
    return logs.count - 1
  }

  /// The index in ``logs`` of `log`; the first few are looked for in a row, which costs less than a hash.
  private func knownLogNumber(_ log: LogID) -> Int? {
    for number in 0..<min(logs.count, 4) where logs[number].log == log { return number }
    return logs.count > 4 ? logNumbers[log] : nil
  }
}
