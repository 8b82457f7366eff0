import AnabranchCore
import SeededRandom
import Testing

@Suite("A text of which only what it says is kept")
struct TextUpdateTests {
  /// A text as a store keeps it: what it says, its version, and of each operation what its writer saw.
  private struct Kept {
    var text: PagedText
    var version: [OperationID] = []
    var operations: [TextUpdate.Known] = []
    /// The most that had to be replayed at once.
    var replayedMax = 0

    init(_ base: String) {
      text = PagedText(PartialText(base))
    }

    func number(of name: OperationID) -> Int? {
      operations.firstIndex { $0.operation.id == name }
    }

    mutating func add(_ new: [TextOperation]) throws {
      let first = operations.count
      let count = text.count
      let version = self.version.compactMap(number)
      var target = version
      operations += new.map { TextUpdate.Known($0, countBefore: 0) }
      let parents = operations.map { $0.operation.predecessors.compactMap(number) }
      for index in first..<operations.count {
        target.removeAll(where: parents[index].contains)
        target.append(index)
      }
      let replayed = TextUpdate.replayed(from: version, to: target) { parents[$0] }.filter { $0 < first }
      replayedMax = max(replayedMax, replayed.count)
      // What is known is given without what it says.
      let known = replayed.map { index in
        let whole = operations[index]
        return TextUpdate.Known(whole.operation.inserting(nil), countBefore: whole.countBefore)
      }
      var update = TextUpdate(of: count, holding: known, by: new)
      var failure: (any Error)?
      update.merge { patch, content in
        do { try text.apply(patch, content) } catch { failure = error }
      }
      #expect(failure == nil)
      #expect(update.count == text.count)
      self.version = update.heads ?? self.version
      for (index, before) in zip(first..., update.countsBefore) { operations[index].countBefore = before }
    }
  }

  @Test("It reads as the reference and the replay say, in whatever order and batches", arguments: UInt64(0)..<400)
  func likeReplay(seed: UInt64) throws {
    let edited = EditedText(seed: seed, steps: 4 + Int(seed % 24), writers: 2 + Int(seed % 4))
    var random = RandomStream(seed: seed, "order")
    var befores: [[OperationID: Int]] = []
    for _ in 0..<3 {
      var kept = Kept(edited.base)
      for batch in edited.batches(&random) where !batch.isEmpty { try kept.add(batch.map { edited.steps[$0] }) }
      #expect(try String(decoding: kept.text.wholeBytes(), as: UTF8.self) == edited.text)
      #expect(kept.version == edited.document(in: [Array(edited.steps.indices)]).history.heads)
      befores.append(Dictionary(uniqueKeysWithValues: kept.operations.map { ($0.operation.id, $0.countBefore) }))
    }
    #expect(befores.allSatisfy { $0 == befores[0] })
  }

  @Test("Absent words, and operations that do nothing, take their places", arguments: UInt64(500)..<700)
  func withGaps(seed: UInt64) throws {
    var edited = EditedText(seed: seed, steps: 14)
    var random = RandomStream(seed: seed, "gaps")
    for index in edited.steps.indices {
      if random.chance(1, in: 4) { edited.steps[index] = edited.steps[index].inserting(nil) }
      if random.chance(1, in: 6) {
        let whole = edited.steps[index]
        edited.steps[index] = TextOperation(id: whole.id, predecessors: whole.predecessors, edits: [], inserted: [])
      }
    }
    let replayed = edited.document(in: [Array(edited.steps.indices)])
    var kept = Kept(edited.base)
    for batch in edited.batches(&random) where !batch.isEmpty { try kept.add(batch.map { edited.steps[$0] }) }
    #expect(try String(decoding: kept.text.wholeBytes(), as: UTF8.self) == replayed.text)
    #expect(kept.text.count == replayed.count)
    #expect(kept.version == replayed.history.heads)
  }

  @Test("What one person writes after another is replayed by nobody; what met, as far as it lay side by side")
  func replaysLittle() throws {
    var kept = Kept("")
    func operation(_ log: UInt64, _ sequence: UInt32, after names: [OperationID], _ text: String) -> TextOperation {
      TextOperation(
        id: OperationID(log: LogID(Bytes16(high: log, low: 0)), sequence: sequence, index: 0), predecessors: names,
        edits: [TextEdit(.insert, at: 0, count: text.unicodeScalars.count)], inserted: Array(text.utf8)[...])
    }
    for step in UInt32(1)...50 { try kept.add([operation(UInt64(step % 2), step, after: kept.version, "a")]) }
    #expect(kept.replayedMax == 0)
    let before = kept.version
    for step in UInt32(51)...53 { try kept.add([operation(1, step, after: kept.version, "b")]) }
    try kept.add([operation(2, 1, after: before, "c")])
    #expect(kept.replayedMax == 3)
    #expect(kept.version.count == 2)
    try kept.add([operation(1, 54, after: kept.version, "d")])
    try kept.add([operation(1, 55, after: kept.version, "e")])
    #expect(kept.replayedMax == 3)
    #expect(try kept.text.wholeBytes().count == 56)
  }
}
