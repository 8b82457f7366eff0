import AnabranchCore
import AnabranchOracle
import AnabranchTestSupport
import AnabranchWire
import SeededRandom
import Testing

@testable import AnabranchStore

/// Why texts read as they do, against what was done to them.
@Suite struct ExplainingTextsTests {
  /// An operation that does something to a text, as it stands in its change.
  private struct Deed {
    var operation: OperationID
    var change: Change
  }

  /// All operations that do something to a text.
  private func deeds(_ text: TextKind, of object: ObjectID, in changes: [SealedChange]) -> [Deed] {
    changes.map(\.change).flatMap { change in
      change.operations.compactMap { operation in
        let id = OperationID(log: change.id.log, sequence: change.id.sequence, index: operation.index)
        let edit = TextOperation(operation.mutation, id: id, content: operation.envelope.content)
        guard operation.envelope.target == object, operation.mutation.text == text, edit?.edits.isEmpty == false else {
          return nil
        }
        return Deed(operation: id, change: change)
      }
    }
  }

  private func expectTruth(
    _ told: ExplainedText, _ deeds: [Deed], reads text: TextRecord, _ pasts: [ChangeID: Set<ChangeID>],
    _ withdrawals: [Withdrawal]
  ) {
    #expect(
      told.text.count == text.count && text.text.hasPrefix(told.text.text)
        && (told.text.isCut || told.text.text == text.text))
    // Every scalar is one operation's, or was there at first.
    #expect(told.baseShown + told.steps.reduce(0) { $0 + $1.step.shown } == text.count)
    // Everything that was done is told once: it counts, was done to what does not show, or has no effect.
    let counted = told.steps.map(\.step.operation)
    let elsewhere = told.bases.dropFirst().reduce(0) { $0 + $1.edits }
    let uncounted = told.uncounted.map(\.operation)
    #expect(Set(counted + uncounted).isSubset(of: Set(deeds.map(\.operation))))
    #expect(Set(counted + uncounted).count == counted.count + uncounted.count)
    #expect(counted.count + elsewhere + uncounted.count == deeds.count)
    #expect(told.stepCount == counted.count && told.uncountedCount == uncounted.count)
    func isConcurrent(_ a: OperationID, _ b: OperationID) -> Bool {
      // The operations of one change may not have seen each other.
      a != b
        && (a.change == b.change
          || pasts[a.change]?.contains(b.change) == false && pasts[b.change]?.contains(a.change) == false)
    }
    for step in told.steps {
      let deed = deeds.first { $0.operation == step.step.operation }
      #expect(step.step.time == deed?.change.time && step.action.sequence == deed?.change.action)
      #expect(step.step.concurrent.allSatisfy { isConcurrent($0, step.step.operation) && told.actions[$0] != nil })
      let concurrent = counted.filter {
        isConcurrent($0, step.step.operation) && $0.change != step.step.operation.change
      }
      let named = step.step.concurrent.filter { $0.change != step.step.operation.change }
      #expect(Set(concurrent) == Set(named), "\(step.step.operation)")
    }
    for meeting in told.meetings {
      let operations = meeting.meeting.operations
      for (index, one) in operations.enumerated() {
        #expect(operations[..<index].allSatisfy { isConcurrent($0, one) } && counted.contains(one))
      }
    }
    // What it shows of what differs is what the newest says that people edited.
    #expect(told.bases.count { $0.standing == .shown } == min(told.bases.count, 1))
    if let base = told.bases.first {
      #expect(base.standing == .shown && base.edits == told.stepCount)
      for other in told.bases.dropFirst() {
        if case .passedOver(.source) = other.standing { #expect((other.updated ?? -1) < (base.updated ?? -1)) }
        let isUnedited = base.edits > 0 && other.edits == 0
        if case .withdrawn(let by) = other.standing {
          #expect(isUnedited || base.edits == 0)
          #expect(withdrawals.contains { $0.operation == by && $0.operations.contains(other.operation) })
        } else {
          #expect((other.standing == .unedited) == isUnedited)
        }
      }
    }
  }

  @Test("What is told of a text is what was done to it, and makes what it says", arguments: UInt64(0)..<60)
  func tellsWhatWasDone(seed: UInt64) throws {
    var options = HistoryGenerator.Options(replicas: 3, steps: 40)
    options.isAboutUndo = seed.isMultiple(of: 4)
    let history = HistoryGenerator.history(seed: seed, options: options)
    let oracle = Expectation(history.changes).oracle
    var random = RandomStream(seed: seed)
    let folder = try TemporaryFolder()
    let store = try folder.store()
    try store.receive(history.delivery(using: &random), of: history, using: &random)
    for conversation in oracle.conversations {
      let texts =
        conversation.messages.map { ($0.id, TextKind.body) } + [(conversation.id, .draft), (conversation.id, .notes)]
      for (object, text) in texts {
        guard let told = try store.explanation(of: text, of: object, limit: .max) else {
          #expect(try store.text(text, of: object) == nil)
          continue
        }
        let record = try #require(try store.text(text, of: object))
        expectTruth(
          told, deeds(text, of: object, in: history.changes), reads: record, oracle.pasts,
          oracle.withdrawals(of: object))
        for step in told.steps {
          // Where the generator says of an action that it began with a change of another one, that is none.
          guard let action = try store.action(step.action) else { continue }
          #expect(step.undoneBy == action.undoneBy && Set(step.undoes).isSubset(of: action.undoes))
        }
        // A page is the end of it.
        let page = try #require(try store.explanation(of: text, of: object, limit: 2))
        #expect(page.steps == told.steps.suffix(2) && page.stepCount == told.stepCount)
        #expect(page.meetings.count <= 2 && page.meetingCount <= told.meetingCount)
        #expect(page.text == told.text && page.bases == told.bases && page.baseShown == told.baseShown)
      }
    }
  }

  @Test("What its writers might not do is told apart", arguments: UInt64(0)..<40)
  func tellsWhatDoesNotCount(seed: UInt64) throws {
    let history = HistoryGenerator.history(seed: seed, options: .init(replicas: 3, steps: 40))
    var random = RandomStream(seed: seed)
    let roster = RightsTests.roster(of: history, using: &random)
    let oracle = Expectation(history.changes, by: roster, devices: RightsTests.devices(of: history)).oracle
    let folder = try TemporaryFolder()
    let store = try folder.store()
    try store.count(by: roster)
    try store.receive(history.delivery(using: &random), of: history, using: &random)
    for conversation in oracle.conversations {
      for (object, text) in conversation.messages.map({ ($0.id, TextKind.body) }) + [(conversation.id, .notes)] {
        guard let told = try store.explanation(of: text, of: object, limit: .max) else { continue }
        let record = try #require(try store.text(text, of: object))
        expectTruth(
          told, deeds(text, of: object, in: history.changes), reads: record, oracle.pasts,
          oracle.withdrawals(of: object))
        for one in told.uncounted {
          let record = try #require(try store.changeRecord(one.operation.change))
          #expect(one.role.map { $0 < .writer } ?? true)
          #expect(one.role == record.uncounted?.role)
        }
      }
    }
  }
}
