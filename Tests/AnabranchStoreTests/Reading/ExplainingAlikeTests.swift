import AnabranchCore
import AnabranchOracle
import AnabranchTestSupport
import AnabranchWire
import SeededRandom
import Testing

@testable import AnabranchStore

/// Why things are as they are, on several replicas that hold the same changes.
@Suite struct ExplainingAlikeTests {
  /// All that can be asked of a history: each value that somebody wrote, whether each message shows, and what lies in the trash.
  private func questions(_ history: GeneratedHistory, _ store: Store) throws -> [(object: ObjectID, facet: Facet)] {
    var asked: [ObjectID: Set<Facet>] = [:]
    var questions: [(object: ObjectID, facet: Facet)] = []
    func ask(_ object: ObjectID, _ facet: Facet) {
      if asked[object, default: []].insert(facet).inserted { questions.append((object, facet)) }
    }
    for sealed in history.changes {
      for (object, facet) in try store.facets(writtenBy: sealed.change.id) { ask(object, facet) }
      for object in sealed.change.operations.compactMap(\.envelope.target) {
        for facet in [Facet.message, .trash, .purge, .title] { ask(object, facet) }
      }
    }
    return questions
  }

  @Test("They say the same, in whatever order that came to them", arguments: UInt64(0)..<60)
  func sayTheSame(seed: UInt64) throws {
    var options = HistoryGenerator.Options(replicas: 4, steps: 40)
    options.isAboutUndo = !seed.isMultiple(of: 3)
    let history = HistoryGenerator.history(seed: seed, options: options)
    let folder = try TemporaryFolder()
    var random = RandomStream(seed: seed)
    let stores = try (0..<2).map { try folder.store("\($0).sqlite") }
    for store in stores { try store.receive(history.delivery(using: &random), of: history, using: &random) }
    for (object, facet) in try questions(history, stores[0]) {
      let told = try stores.map { store in
        try store.contenders(for: facet, of: object).map { contender in
          var contender = contender
          contender.due = nil
          return contender
        }
      }
      #expect(told[0] == told[1], "\(facet) of \(object)")
    }
    for object in Set(history.changes.flatMap { $0.change.operations.compactMap(\.envelope.target) }).sorted() {
      for text in [TextKind.body, .draft, .notes] {
        let told = try stores.map { try $0.explanation(of: text, of: object, limit: .max) }
        #expect(told[0] == told[1], "\(text) of \(object)")
      }
    }
  }
}
