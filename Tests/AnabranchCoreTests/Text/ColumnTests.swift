import SeededRandom
import Testing

@testable import AnabranchCore

/// The columns in which a text's history lies, against plain arrays.
@Suite struct ColumnTests {
  /// Numbers of any size come back as they went in, also where one is replaced by one of another width.
  @Test func aColumnHoldsAnyNumber() {
    var random = RandomStream(seed: 1)
    let borders = [0, 1, Int(UInt32.max) - 1, Int(UInt32.max), Int(UInt32.max) + 1, -1, .min, .max]
    var column = IntColumn()
    var model: [Int] = []
    for place in 0..<2_000 {
      let value = random.pick(borders) ?? 0
      column.append(value)
      model.append(value)
      let other = random.below(place + 1)
      column[other] = borders[place % borders.count]
      model[other] = borders[place % borders.count]
    }
    #expect(Array(column) == model)
    #expect(Array(column[700..<1_300]) == Array(model[700..<1_300]))
  }

  /// Every event is of the operation that it was added with, and every identifier within one finds its last event.
  @Test(arguments: 0..<50 as Range<UInt64>) func operationsAreFoundByTheirEventsAndNames(seed: UInt64) {
    var random = RandomStream(seed: seed)
    let logs = (1...6).map { LogID(Bytes16(high: UInt64($0), low: 0)) }
    var next = logs.map { OperationID(log: $0, sequence: .max - 400, index: 0) }
    var runs = OperationRuns()
    var model: [(name: OperationID, events: Range<Int>, parents: [Int])] = []
    var count = 0
    for _ in 0..<300 {
      let log = random.below(logs.count)
      let size = random.chance(1, in: 8) ? 0 : 1 + random.below(2)
      let parents = count > 0 ? [random.below(count)] : []
      runs.add(next[log], events: count..<count + size, after: parents)
      model.append((next[log], count..<count + size, parents))
      count += size
      // The next one is in the same change, or in the next one, mostly in the same place there.
      let isInSameChange = random.chance(1, in: 6)
      if isInSameChange || random.chance(1, in: 8) { next[log].index += 1 + UInt32(random.below(3)) }
      if !isInSameChange { next[log].sequence += 1 }
    }
    for (name, events, parents) in model {
      for event in events {
        let found = runs.operation(of: event)
        #expect(found.name == name && found.events == events)
      }
      let identifiers = events.isEmpty ? [name.index] : [name.index, name.index + 7]
      let inChange = model.map(\.name).filter { $0.change == name.change }
      let isFirst = inChange.allSatisfy { $0 >= name }
      if isFirst, name.index > 0 {
        #expect(runs.heads(of: OperationID(log: name.log, sequence: name.sequence, index: name.index - 1)).isEmpty)
      }
      let later = inChange.filter { $0 > name }.min()
      for index in identifiers where later.map({ index < $0.index }) ?? true {
        let heads = runs.heads(of: OperationID(log: name.log, sequence: name.sequence, index: index))
        #expect(heads == (events.last.map { [$0] } ?? parents))
      }
    }
    for log in next { #expect(runs.heads(of: OperationID(log: log.log, sequence: 1, index: 0)).isEmpty) }
    var passed: [Range<Int>] = []
    runs.forEach { passed.append($0) }
    #expect(passed == model.map(\.events))
  }
}
