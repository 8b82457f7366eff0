import AnabranchCore
import SeededRandom
import Testing

@Suite("A text that several people edit")
struct TextDocumentTests {
  @Test("All at once it reads as the reference says", arguments: UInt64(0)..<400)
  func matchesReference(seed: UInt64) {
    let edited = EditedText(seed: seed, steps: Int(seed % 12) + 2)
    var document = TextDocument(base: edited.base)
    for step in edited.steps {
      document.add(step.id, after: step.predecessors, step.edits, inserted: Array(step.inserted.utf8))
    }
    document.merge()
    #expect(document.text == edited.text)
    #expect(document.count == edited.text.unicodeScalars.count)
  }
}
