import AnabranchCore
import AnabranchOracle
import SeededRandom
import Testing

@Suite("Taking back edits of a text")
struct TextUndoTests {
  @Test("It leaves what everybody else typed, and brings back what nobody else deleted", arguments: UInt64(0)..<400)
  func leavesOthers(seed: UInt64) throws {
    let edited = EditedText(seed: seed, steps: Int(seed % 12) + 2)
    var random = RandomStream(seed: seed, "undo")
    let undone = Set(edited.steps.map(\.id).filter { _ in random.chance(1, in: 3) })
    let undo = try TextUndo(of: undone, in: edited.steps, base: PartialText(edited.base))
    let before = TextDocument(base: edited.base, edited.steps)
    let after = apply(undo, to: edited)
    #expect(undo.lost == 0)
    // As if they had never been: the same scalars, though others typed at the same places meanwhile.
    let reference = withoutEffect(of: undone, in: edited)
    #expect(after.text.unicodeScalars.sorted() == reference.unicodeScalars.sorted())
    let kept = before.spans.filter { $0.operation.map { !undone.contains($0) } ?? true }.map(\.text).joined()
    #expect(isPart(kept.unicodeScalars, of: after.text.unicodeScalars), "what stays keeps its order")
    #expect(undo.origins.reduce(0) { $0 + $1.count } == undo.edits.inserted.unicodeScalars.count)
  }

  @Test("Alone it is exactly what was there before", arguments: UInt64(0)..<200)
  func exactly(seed: UInt64) throws {
    let edited = EditedText(seed: seed, steps: Int(seed % 12) + 2, writers: 1)
    for count in edited.steps.indices {
      let steps = Array(edited.steps.prefix(count + 1))
      let undo = try TextUndo(of: [steps[count].id], in: steps, base: PartialText(edited.base))
      let before = TextDocument(base: edited.base, Array(steps.dropLast())).text
      #expect(apply(undo, to: edited.base, steps).text == before)
    }
  }

  @Test("Undone one after the other, each says what it brings again, and all of it goes", arguments: UInt64(0)..<200)
  func oneAfterTheOther(seed: UInt64) throws {
    let edited = EditedText(seed: seed, steps: Int(seed % 10) + 2, writers: 1)
    var steps = edited.steps
    var regained: [OperationID: [TextOrigin]] = [:]
    for count in edited.steps.indices.reversed() {
      let undo = try TextUndo(
        of: [edited.steps[count].id], in: steps, base: PartialText(edited.base), regained: regained)
      let id = OperationID(
        log: edited.steps[0].id.log, sequence: UInt32(steps.count + 1), index: 0)
      let document = TextDocument(base: edited.base, steps)
      steps.append(
        TextOperation(
          id: id, predecessors: document.history.heads, edits: undo.edits.edits,
          inserted: Array(undo.edits.inserted.utf8)[...]))
      regained[id] = undo.origins
      let before = TextDocument(base: edited.base, Array(edited.steps.prefix(count))).text
      #expect(TextDocument(base: edited.base, steps).text == before)
    }
  }

  @Test("What two deleted comes again when both are taken back, and once")
  func deletedTwice() throws {
    let log = { (number: UInt64) in LogID(Bytes16(high: number, low: 0)) }
    let steps = (1...2).map { number in
      TextOperation(
        id: OperationID(log: log(UInt64(number)), sequence: 1, index: 0), predecessors: [],
        edits: [TextEdit(.deleteForward, at: 4, count: 4)], inserted: [])
    }
    let base = PartialText("one two three")
    #expect(try TextUndo(of: [steps[0].id], in: steps, base: base).edits.isEmpty)
    let alone = TextUndo(of: [steps[0].id], in: steps, base: base) { $0 != steps[1].id }
    #expect(alone.edits.inserted == "two ")
    #expect(try TextUndo(of: Set(steps.map(\.id)), in: steps, base: base).edits.inserted == "two ")
  }

  @Test("What is not there cannot come again, and a text beyond all bounds is left")
  func absent() throws {
    let log = LogID(Bytes16(high: 1, low: 0))
    let typed = TextOperation(
      id: OperationID(log: log, sequence: 1, index: 0), predecessors: [],
      edits: [TextEdit(.insert, at: 0, count: 3)], inserted: nil)
    let deleted = TextOperation(
      id: OperationID(log: log, sequence: 2, index: 0), predecessors: [typed.id],
      edits: [TextEdit(.deleteForward, at: 0, count: 2)], inserted: [])
    let undo = try TextUndo(of: [deleted.id], in: [typed, deleted], base: PartialText(""))
    #expect(undo.lost == 2 && undo.edits.isEmpty)
    let endless = TextOperation(
      id: typed.id, predecessors: [], edits: [TextEdit(.insert, at: 0, count: Int(UInt32.max))], inserted: nil)
    #expect(try TextUndo(of: [deleted.id], in: [endless, deleted], base: PartialText("")).edits.isEmpty)
  }

  // MARK: What it is compared with

  private func apply(_ undo: TextUndo, to edited: EditedText) -> TextDocument {
    apply(undo, to: edited.base, edited.steps)
  }

  private func apply(_ undo: TextUndo, to base: String, _ steps: [TextOperation]) -> TextDocument {
    let before = TextDocument(base: base, steps)
    let operation = TextOperation(
      id: OperationID(log: LogID(Bytes16(high: 99, low: 0)), sequence: 1, index: 0),
      predecessors: before.history.heads, edits: undo.edits.edits, inserted: Array(undo.edits.inserted.utf8)[...])
    return TextDocument(base: base, steps + [operation])
  }

  /// The text in which the events of some operations have no effect, by the slow reference.
  private func withoutEffect(of undone: Set<OperationID>, in edited: EditedText) -> String {
    var reference = NaiveText(base: edited.base)
    var seen: [OperationID: Set<Int>] = [:]
    var counted: Set<Int> = []
    for step in edited.steps {
      let past = step.predecessors.reduce(into: Set<Int>()) { $0.formUnion(seen[$1] ?? []) }
      let after = reference.add(step, past: past)
      seen[step.id] = after
      if !undone.contains(step.id) { counted.formUnion(after.subtracting(past)) }
    }
    return reference.text(counted)
  }

  /// Whether `part` is what is left of `whole` where some is left out.
  private func isPart(_ part: String.UnicodeScalarView, of whole: String.UnicodeScalarView) -> Bool {
    var rest = part[...]
    for scalar in whole where scalar == rest.first { rest = rest.dropFirst() }
    return rest.isEmpty
  }
}
