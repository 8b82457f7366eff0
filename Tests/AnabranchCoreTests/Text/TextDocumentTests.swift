import AnabranchCore
import AnabranchOracle
import AnabranchTestSupport
import SeededRandom
import Testing

@Suite("A text that several people edit")
struct TextDocumentTests {
  @Test("All at once it reads as the reference says", arguments: UInt64(0)..<400)
  func matchesReference(seed: UInt64) {
    let edited = EditedText(seed: seed, steps: Int(seed % 12) + 2)
    #expect(edited.document(in: edited.steps.indices.map { [$0] }).text == edited.text)
    let document = edited.document(in: [Array(edited.steps.indices)])
    #expect(document.text == edited.text)
    #expect(document.count == edited.text.unicodeScalars.count)
  }

  @Test("It reads the same in whatever order and batches the edits come", arguments: UInt64(1000)..<1300)
  func converges(seed: UInt64) {
    let edited = EditedText(seed: seed, steps: 8 + Int(seed % 20), writers: 2 + Int(seed % 4))
    var random = RandomStream(seed: seed, "order")
    for _ in 0..<4 {
      #expect(edited.document(in: edited.batches(&random)).text == edited.text)
    }
  }

  @Test("Two who type at one place are not interleaved, forward or backward")
  func keepsRunsWhole() {
    for kind in ["forward", "backward"] {
      var document = TextDocument(base: "()")
      for (log, word) in [(UInt64(1), "Alice"), (2, "Bob")] {
        var before: [OperationID] = []
        for (step, letter) in (kind == "forward" ? Array(word) : word.reversed()).enumerated() {
          let id = operation(log, UInt32(step + 1))
          let position = kind == "forward" ? 1 + step : 1
          document.add(
            id, after: before, [TextEdit(.insert, at: position, count: 1)], inserted: Array(String(letter).utf8))
          before = [id]
        }
      }
      document.merge()
      #expect(["(AliceBob)", "(BobAlice)"].contains(document.text), "\(kind)")
    }
  }

  @Test("What both delete disappears once, and what one inserts in the midst of it stays")
  func deletesOnce() {
    var document = TextDocument(base: "one two three")
    document.add(operation(1, 1), after: [], [TextEdit(.deleteForward, at: 3, count: 4)], inserted: [])
    document.add(operation(2, 1), after: [], [TextEdit(.deleteBackward, at: 4, count: 9)], inserted: [])
    document.add(
      operation(3, 1), after: [], [TextEdit(.insert, at: 5, count: 1)], inserted: Array("+".utf8))
    document.merge()
    #expect(document.text == "one+")
  }

  @Test("A place past the end is the end, and nothing is deleted there")
  func clampsPositions() {
    var document = TextDocument(base: "ab")
    document.add(
      operation(1, 1), after: [],
      [
        TextEdit(.insert, at: 900, count: 2), TextEdit(.deleteForward, at: 3, count: 70),
        TextEdit(.deleteBackward, at: 7, count: 2),
      ],
      inserted: Array("cd".utf8))
    document.merge()
    #expect(document.text == "abc")
  }

  @Test("Absent words take their places, and the rest reads on")
  func keepsPlacesOfAbsentWords() {
    var document = TextDocument(base: "a")
    document.add(operation(1, 1), after: [], [TextEdit(.insert, at: 1, count: 3)], inserted: nil)
    document.add(
      operation(1, 2), after: [operation(1, 1)], [TextEdit(.insert, at: 4, count: 1)], inserted: Array("z".utf8))
    document.add(operation(2, 1), after: [operation(1, 1)], [TextEdit(.deleteForward, at: 2, count: 1)], inserted: [])
    document.merge()
    #expect(document.text == "az")
    #expect(document.count == 4)
  }

  @Test("An operation that does nothing stands for what it follows")
  func passesOverEmptyOperations() {
    var document = TextDocument()
    document.add(operation(1, 1), after: [], [TextEdit(.insert, at: 0, count: 1)], inserted: Array("a".utf8))
    document.add(operation(1, 2), after: [operation(1, 1)], [], inserted: [])
    document.add(
      operation(1, 3), after: [operation(1, 2)], [TextEdit(.insert, at: 1, count: 1)], inserted: Array("b".utf8))
    document.merge()
    #expect(document.text == "ab")
    #expect(document.history.heads == [operation(1, 3)])
  }

  @Test("A body of ten megabytes in several scripts is edited at once by two")
  func editsLongBodies() {
    let body = String(repeating: "日本語 e\u{301} שלום 👩‍👩‍👧 plain words\n", count: 200_000)
    let count = body.unicodeScalars.count
    var document = TextDocument(base: body)
    for log in UInt64(1)...2 {
      for step in 1...UInt32(40) {
        let before = step == 1 ? [] : [operation(log, step - 1)]
        document.add(
          operation(log, step), after: before,
          [TextEdit(.insert, at: count / 41 * Int(step), count: 1), TextEdit(.deleteForward, at: 7, count: 1)],
          inserted: Array("é".utf8))
      }
    }
    document.merge()
    #expect(document.count == count + 80 - 40)
    #expect(document.text.hasSuffix(body.suffix(1000)))
    #expect(document.text.unicodeScalars.prefix(7).elementsEqual(body.unicodeScalars.prefix(7)))
  }

  private func operation(_ log: UInt64, _ sequence: UInt32) -> OperationID {
    OperationID(log: LogID(Bytes16(high: log, low: 0)), sequence: sequence, index: 0)
  }
}
