import AnabranchCore
import SeededRandom
import Testing

@Suite("Who wrote what of a text, and when")
struct TextSpanTests {
  @Test("Spans say the text, each what its operation inserted, and no scalar twice", arguments: UInt64(0)..<300)
  func spansAreTheText(seed: UInt64) throws {
    let edited = EditedText(seed: seed, steps: 4 + Int(seed % 20), writers: 1 + Int(seed % 4))
    let document = TextDocument(base: edited.base, edited.steps)
    let spans = document.spans
    #expect(spans.map(\.text).joined() == edited.text)
    var seen: Set<[Int]> = []
    for span in spans {
      let step = edited.steps.firstIndex { $0.id == span.operation }
      #expect((step == nil) == (span.operation == nil))
      let source =
        try step.map { String(decoding: try #require(edited.steps[$0].inserted), as: UTF8.self) } ?? edited.base
      let part = source.unicodeScalars.dropFirst(span.offset).prefix(span.count)
      #expect(String(String.UnicodeScalarView(part)) == span.text && span.count > 0)
      for offset in span.offset..<span.offset + span.count {
        #expect(seen.insert([step ?? -1, offset]).inserted)
      }
    }
  }

  @Test("Each version is what its operations make, the last one the text", arguments: UInt64(0)..<60)
  func revisionsAreTheTextSoFar(seed: UInt64) {
    let edited = EditedText(seed: seed, steps: 6 + Int(seed % 10), writers: 1 + Int(seed % 3))
    // Steps are made one after the other, so each one's number is a time that its past lies before.
    let timed = edited.steps.enumerated().map {
      (operation: $1, time: HybridTime(milliseconds: Int64($0 / 2), counter: UInt16($0 % 2)))
    }
    var random = RandomStream(seed: seed)
    let revisions = TextRevisions(base: PartialText(edited.base), random.shuffled(timed))
    #expect(revisions.revisions.count == edited.steps.count)
    for count in 0...edited.steps.count {
      let expected = TextDocument(base: edited.base, Array(edited.steps.prefix(count))).text
      #expect(revisions.document(after: count).text == expected)
    }
    #expect(revisions.document(after: .max).text == edited.text)
    #expect(revisions.document(after: -1).text == edited.base)
    #expect(revisions.revisions.map(\.inserted) == edited.steps.map { $0.edits.insertedCount })
  }

  @Test("Absent words have a place and no writer")
  func absentWords() {
    var document = TextDocument(base: "ab")
    let id = OperationID(log: LogID(Bytes16(high: 1, low: 0)), sequence: 1, index: 0)
    document.add(
      TextOperation(id: id, predecessors: [], edits: [TextEdit(.insert, at: 1, count: 3)], inserted: nil))
    document.merge()
    #expect(
      document.spans == [
        TextSpan(operation: nil, offset: 0, count: 1, text: "a"),
        TextSpan(operation: nil, offset: 0, count: 3, text: ""),
        TextSpan(operation: nil, offset: 1, count: 1, text: "b"),
      ])
  }
}
