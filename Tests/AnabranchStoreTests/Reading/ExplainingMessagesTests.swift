import AnabranchCore
import AnabranchOracle
import AnabranchTestSupport
import AnabranchWire
import SeededRandom
import Testing

@testable import AnabranchStore

/// Why messages show, against what the slow reading shows.
@Suite struct ExplainingMessagesTests {
  /// The conversations that anything was said in, with what was said there, hidden or not.
  private func messages(_ oracle: NaiveHistory, _ store: Store) throws -> [ObjectID: [(place: ObjectID, isShown: Bool)]]
  {
    var places: [ObjectID: [(place: ObjectID, isShown: Bool)]] = [:]
    for conversation in oracle.conversations {
      for message in conversation.messages { places[message.id, default: []].append((conversation.id, true)) }
      for message in oracle.hiddenMessages(of: conversation.id) {
        places[message, default: []].append((conversation.id, false))
      }
    }
    return places
  }

  @Test("A message is said to show where the oracle shows it, and why fits that", arguments: UInt64(0)..<150)
  func whatShowsIsSaidToShow(seed: UInt64) throws {
    var options = HistoryGenerator.Options(replicas: 3, steps: 30)
    options.isAboutUndo = true
    let history = HistoryGenerator.history(seed: seed, options: options)
    let oracle = Expectation(history.changes).oracle
    var random = RandomStream(seed: seed)
    let folder = try TemporaryFolder()
    let store = try folder.store()
    try store.receive(history.delivery(using: &random), of: history, using: &random)
    for (message, places) in try messages(oracle, store) {
      let contenders = try store.contenders(for: .message, of: message)
      let bases = contenders.filter { $0.other == nil && [.createMessage, .importMessage].contains($0.kind) }
      let isShown = places.contains { $0.isShown }
      let purges = contenders.filter { $0.kind == .purge }
      guard purges.isEmpty else {
        #expect(try store.isPurged(message) && purges.allSatisfy { $0.fate == .stands })
        #expect(bases.allSatisfy { if case .purged = $0.fate { true } else { false } })
        continue
      }
      #expect(bases.contains { $0.fate == .stands } == isShown, "\(message): \(contenders.map(\.fate))")
      if isShown {
        let shown = try #require(try store.message(message)).message
        #expect(bases.filter { $0.fate == .stands }.map(\.operation) == [shown.operation])
      }
      try expectReasons(contenders, isShown: isShown, oracle.withdrawals(of: message))
    }
  }

  /// Each that names another one names one that did what it says.
  private func expectReasons(_ contenders: [Contender], isShown: Bool, _ withdrawals: [Withdrawal]) throws {
    for contender in contenders {
      switch (contender.kind, contender.fate) {
      case (.withdraw, .stands): #expect(!isShown && withdrawals.contains { $0.operation == contender.operation })
      case (.withdraw, .overtaken(let by)):
        let withdrawal = try #require(withdrawals.first { $0.operation == contender.operation })
        let keeper = try #require(contenders.first { $0.operation == by })
        #expect(isShown && keeper.fate == .stands)
        if keeper.other == nil { #expect(!withdrawal.covers(by)) }
      case (.withdraw, .incomplete(let by)):
        let keeper = try #require(contenders.first { $0.operation == by })
        #expect(isShown && keeper.kind == .importMessage && keeper.fate == .stands)
        #expect(withdrawals.allSatisfy { !$0.operations.contains(by) })
      case (.withdraw, .withdrawn(let by)):
        #expect(!withdrawals.contains { $0.operation == contender.operation })
        #expect(contenders.contains { $0.operation == by && $0.kind == .reinstate })
      case (_, .withdrawn(let by)):
        #expect(withdrawals.contains { $0.operation == by && $0.operations.contains(contender.operation) })
      case (_, .replaced(let by)):
        #expect(withdrawals.contains { $0.operation == by && $0.covers(contender.operation) })
      case (_, .passedOver(let by, _)): #expect(contenders.contains { $0.operation == by })
      default: #expect(contender.fate == .stands, "\(contender)")
      }
    }
  }

  @Test("Of several imports the one that shows is said to, and the others lose to it", arguments: UInt64(0)..<50)
  func importsFareAsTheOracleSays(seed: UInt64) throws {
    let history = HistoryGenerator.history(seed: seed)
    let oracle = Expectation(history.changes).oracle
    var random = RandomStream(seed: seed)
    let folder = try TemporaryFolder()
    let store = try folder.store()
    try store.receive(history.delivery(using: &random), of: history, using: &random)
    for conversation in oracle.conversations {
      let contenders = try store.contenders(for: .title, of: conversation.id)
      let shown = contenders.filter { $0.fate == .stands }
      #expect(shown.count <= 1)
      #expect(shown.first?.value.map { Array($0.utf8) } == conversation.title.map { Array($0.utf8) })
      let imports = contenders.filter { $0.kind == .importConversation }
      let leading = imports.filter { if case .passedOver = $0.fate { false } else { true } }
      guard !imports.isEmpty else { continue }
      #expect(leading.count == 1 || leading.contains { if case .withdrawn = $0.fate { true } else { false } })
      for one in imports {
        guard case .passedOver(let by, let tiebreak) = one.fate else { continue }
        let winner = try #require(imports.first { $0.operation == by })
        #expect((tiebreak == .source) == ((one.updated ?? -1) < (winner.updated ?? -1)))
      }
    }
  }
}
