import AnabranchCore
import SeededRandom
import Testing

@Suite("Why a text reads as it does")
struct TextExplanationTests {
  /// The explanation of a text of which each step was made a moment after the one before.
  private func explanation(_ edited: EditedText, _ random: inout RandomStream) -> TextExplanation {
    let timed = edited.steps.enumerated().map {
      (operation: $1, time: HybridTime(milliseconds: Int64($0 / 2), counter: UInt16($0 % 2)))
    }
    return TextExplanation(base: PartialText(edited.base), random.shuffled(timed))
  }

  /// What the operations `seen` of a text leave of it, by its stretches.
  private func text(_ stretches: [TextExplanation.Stretch], _ edited: EditedText, seen: Set<OperationID>) -> String {
    var text = ""
    for stretch in stretches {
      guard stretch.operation.map(seen.contains) ?? true, !stretch.deletedBy.contains(where: seen.contains) else {
        continue
      }
      let source = edited.steps.first { $0.id == stretch.operation }?.inserted.map {
        String(decoding: $0, as: UTF8.self)
      }
      let scalars = (source ?? edited.base).unicodeScalars.dropFirst(stretch.offset).prefix(stretch.count)
      #expect(scalars.count == stretch.count)
      text += String(String.UnicodeScalarView(scalars))
    }
    return text
  }

  @Test("What each writer saw and left, and what shows, is what its stretches say", arguments: UInt64(0)..<300)
  func stretchesAreEveryVersion(seed: UInt64) {
    let edited = EditedText(seed: seed, steps: 4 + Int(seed % 20), writers: 1 + Int(seed % 4))
    var random = RandomStream(seed: seed)
    let explanation = explanation(edited, &random)
    let stretches = explanation.stretches
    #expect(text(stretches, edited, seen: Set(edited.steps.map(\.id))) == edited.text)
    for (index, step) in edited.steps.enumerated() {
      let past = edited.past(of: index)
      let after = text(stretches, edited, seen: Set(past.map { edited.steps[$0].id }))
      #expect(after == TextDocument(base: edited.base, past.map { edited.steps[$0] }).text, "\(step.id)")
    }
    // What shows is, stretch by stretch, what blame says.
    let spans = TextDocument(base: edited.base, edited.steps).spans
    var shown = stretches.filter { $0.deletedBy.isEmpty }[...]
    for span in spans {
      var count = 0
      while count < span.count, let next = shown.popFirst() {
        #expect(next.operation == span.operation && next.offset == span.offset + count)
        count += next.count
      }
      #expect(count == span.count)
    }
    #expect(shown.isEmpty)
  }

  @Test("Steps say what was inserted, deleted and shows, and what was concurrent", arguments: UInt64(300)..<600)
  func stepsFitTheText(seed: UInt64) throws {
    let edited = EditedText(seed: seed, steps: 4 + Int(seed % 20), writers: 1 + Int(seed % 4))
    var random = RandomStream(seed: seed)
    let explanation = explanation(edited, &random)
    let stretches = explanation.stretches
    let pasts = edited.steps.indices.map { edited.past(of: $0).subtracting([$0]) }
    let own = stretches.filter { $0.operation == nil && $0.deletedBy.isEmpty }
    #expect(explanation.baseShown == own.reduce(0) { $0 + $1.count })
    // Each step was made after those that it builds on, at a later time.
    #expect(explanation.names == edited.steps.filter { !$0.edits.isEmpty }.map(\.id))
    for index in 0..<explanation.count {
      let step = explanation.step(index)
      let own = try #require(edited.steps.firstIndex { $0.id == step.operation })
      #expect(step.time.milliseconds == Int64(own / 2))
      let inserted = step.edits.filter { !$0.isDeletion }.map(\.words.text).joined()
      #expect(Array(inserted.utf8)[...] == edited.steps[own].inserted)
      let stretched = stretches.filter { $0.operation == step.operation }
      #expect(step.inserted == stretched.reduce(0) { $0 + $1.count })
      #expect(step.shown == stretched.reduce(0) { $0 + ($1.deletedBy.isEmpty ? $1.count : 0) })
      let deleted = stretches.filter { $0.deletedBy.contains(step.operation) }
      #expect(step.deleted == deleted.reduce(0) { $0 + $1.count })
      #expect(step.deleted == step.edits.reduce(0) { $0 + ($1.isDeletion ? $1.words.count : 0) })
      let concurrent = edited.steps.indices.filter {
        $0 != own && !pasts[own].contains($0) && !pasts[$0].contains(own)
      }
      #expect(step.concurrentCount == concurrent.count)
      #expect(step.concurrent == concurrent.suffix(TextExplanation.Step.namesMax).map { edited.steps[$0].id })
    }
  }

  /// What was inserted, and what deleted the words that its writer saw on both sides of that, one by one.
  private func enclosed(_ stretches: [TextExplanation.Stretch], _ edited: EditedText) -> Set<[OperationID]> {
    let pasts = edited.steps.indices.map { step in Set(edited.past(of: step).map { edited.steps[$0].id }) }
    var enclosed: Set<[OperationID]> = []
    for (index, step) in edited.steps.enumerated() {
      let seen = pasts[index].subtracting([step.id])
      // The words that its writer had before it, and those between them.
      var (isAfterDeleted, between): (Bool, Set<OperationID>) = (false, [])
      for stretch in stretches {
        let isThere = stretch.operation.map(seen.contains) ?? true
        if isThere, seen.isDisjoint(with: stretch.deletedBy) {
          let isDeleted = stretch.deletedBy.contains(step.id)
          if isAfterDeleted, isDeleted { enclosed.formUnion(between.map { [$0, step.id] }) }
          (isAfterDeleted, between) = (isDeleted, [])
        } else if let other = stretch.operation, !pasts[index].contains(other),
          edited.steps.firstIndex(where: { $0.id == other }).map({ !pasts[$0].contains(step.id) }) ?? false
        {
          between.insert(other)
        }
      }
    }
    return enclosed
  }

  @Test("Who met had not seen each other's, and a rule puts one first", arguments: UInt64(600)..<900)
  func meetingsAreConcurrent(seed: UInt64) throws {
    let edited = EditedText(seed: seed, steps: 6 + Int(seed % 20), writers: 2 + Int(seed % 4))
    var random = RandomStream(seed: seed)
    let explanation = explanation(edited, &random)
    let stretches = explanation.stretches
    let meetings = explanation.meetings(of: 0..<explanation.count)
    func expectConcurrent(_ a: OperationID, _ b: OperationID) throws {
      let (a, b) = try (
        #require(edited.steps.firstIndex { $0.id == a }), #require(edited.steps.firstIndex { $0.id == b })
      )
      #expect(a != b && !edited.past(of: a).contains(b) && !edited.past(of: b).contains(a))
    }
    for meeting in meetings {
      switch meeting {
      case .insertions(let first, let second, let rule):
        try expectConcurrent(first.operation, second.operation)
        #expect(rule != .place && (rule != .log || first.operation.log < second.operation.log))
      case .deletions(let words, let deleters, let again):
        #expect(again == nil)
        #expect(words.count > 0 && deleters.count > 1)
        for (index, one) in deleters.enumerated() {
          for other in deleters[..<index] { try expectConcurrent(one, other) }
        }
      case .insertion(let words, let deleter):
        try expectConcurrent(words.operation, deleter)
        #expect(stretches.contains { $0.deletedBy.contains(deleter) })
      }
    }
    // Words stand within a deletion where its writer deleted what it saw on both sides of them.
    var enclosed: Set<[OperationID]> = []
    for meeting in meetings { if case .insertion = meeting { enclosed.insert(meeting.operations) } }
    #expect(enclosed == self.enclosed(stretches, edited))
    // All that two deleted is told, once.
    let twice = stretches.filter { $0.deletedBy.count > 1 }.reduce(0) { $0 + $1.count }
    #expect(meetings.reduce(0) { if case .deletions(let words, _, _) = $1 { $0 + words.count } else { $0 } } == twice)
    // A page has those in which one of it took part.
    let page = explanation.names.indices.suffix(3)
    let names = Set(page.map { explanation.names[$0] })
    let some = explanation.meetings(of: page.startIndex..<page.endIndex)
    #expect(some == meetings.filter { !names.isDisjoint(with: $0.operations) })
  }

  // MARK: By hand

  private func operation(_ log: UInt64, _ sequence: UInt32) -> OperationID {
    OperationID(log: LogID(Bytes16(high: log, low: 0)), sequence: sequence, index: 0)
  }

  private func explanation(
    _ base: PartialText,
    _ steps: [(log: UInt64, sequence: UInt32, after: [OperationID], edits: [TextEdit], text: String?)]
  ) -> TextExplanation {
    TextExplanation(
      base: base,
      steps.enumerated().map { index, step in
        let operation = TextOperation(
          id: operation(step.log, step.sequence), predecessors: step.after, edits: step.edits,
          inserted: step.text.map { Array($0.utf8)[...] })
        return (operation, HybridTime(milliseconds: Int64(index), counter: 0))
      })
  }

  @Test("Of two insertions at one place the one of the lesser log stands first")
  func ranksByLog() {
    let told = explanation(
      PartialText("the cat"),
      [
        (2, 1, [], [TextEdit(.insert, at: 4, count: 6)], "black "),
        (1, 1, [], [TextEdit(.insert, at: 4, count: 4)], "big "),
      ])
    guard case .insertions(let first, let second, .log)? = told.meetings(of: 0..<2).first else {
      return #expect(Bool(false), "\(told.meetings(of: 0..<2))")
    }
    #expect(first.operation == operation(1, 1) && first.text.text == "big " && first.isShown)
    #expect(second.operation == operation(2, 1) && second.text.text == "black ")
    #expect(told.step(0).concurrent == [operation(1, 1)] && told.step(1).concurrent == [operation(2, 1)])
  }

  @Test("What was written right after a writer's own words stays with them")
  func ranksByNeighbour() {
    // Both write in the midst; a third one, who knows both, and the first one go on after the first one's words.
    let told = explanation(
      PartialText("()"),
      [
        (1, 1, [], [TextEdit(.insert, at: 1, count: 1)], "L"),
        (2, 1, [], [TextEdit(.insert, at: 1, count: 1)], "c"),
        (1, 2, [operation(1, 1)], [TextEdit(.insert, at: 2, count: 1)], "y"),
        (3, 1, [operation(1, 1), operation(2, 1)], [TextEdit(.insert, at: 2, count: 1)], "x"),
      ])
    #expect(
      told.meetings(of: 3..<4).map(\.operations) == [[operation(1, 2), operation(3, 1)]], "\(told.stretches)")
    guard case .insertions(let first, let second, .neighbour)? = told.meetings(of: 3..<4).first else {
      return #expect(Bool(false))
    }
    #expect([first.text.text, second.text.text] == ["y", "x"])
    #expect(
      told.stretches.map(\.operation) == [nil, operation(1, 1), operation(1, 2), operation(3, 1), operation(2, 1), nil])
  }

  @Test("What two delete is told once, and what one wrote within another's deletion")
  func tellsOfDeletions() {
    let told = explanation(
      PartialText("one two three"),
      [
        (1, 1, [], [TextEdit(.deleteForward, at: 3, count: 4)], nil),
        (2, 1, [], [TextEdit(.deleteBackward, at: 4, count: 9)], nil),
        (3, 1, [], [TextEdit(.insert, at: 5, count: 1)], "+"),
      ])
    let words = TextExplanation.Words(
      operation: operation(3, 1), text: TextExcerpt(of: PartialText("+")), isShown: true)
    #expect(
      told.meetings(of: 0..<3) == [
        .deletions(of: TextExcerpt(of: PartialText("t")), by: [operation(1, 1), operation(2, 1)], again: nil),
        .insertion(words, within: operation(1, 1)), .insertion(words, within: operation(2, 1)),
        .deletions(of: TextExcerpt(of: PartialText("wo")), by: [operation(1, 1), operation(2, 1)], again: nil),
      ])
    #expect(told.step(1).edits.map(\.words.text) == ["two three"])
    // Beside what is deleted, and not within it.
    for place in [3, 7] {
      let beside = explanation(
        PartialText("one two three"),
        [
          (1, 1, [], [TextEdit(.deleteForward, at: 3, count: 4)], nil),
          (3, 1, [], [TextEdit(.insert, at: place, count: 1)], "+"),
        ])
      #expect(beside.meetings(of: 0..<2).isEmpty)
    }
  }

  @Test("What one wrote within another's deletion is told of each time that it did")
  func tellsOfAllWithinADeletion() {
    let told = explanation(
      PartialText("alpha beta gamma delta"),
      [
        (1, 1, [], [TextEdit(.deleteForward, at: 6, count: 11)], nil),
        (2, 1, [], [TextEdit(.insert, at: 11, count: 3)], "XX "),
        (2, 2, [operation(2, 1)], [TextEdit(.insert, at: 14, count: 3)], "YY "),
        (2, 3, [operation(2, 2)], [TextEdit(.insert, at: 12, count: 1)], "Z"),
      ])
    #expect(told.stretches.filter { $0.deletedBy.isEmpty }.map(\.count) == [6, 1, 1, 2, 3, 5])
    let meetings = told.meetings(of: 0..<4)
    #expect(meetings.map(\.operations) == [1, 3, 2].map { [operation(2, $0), operation(1, 1)] })
    // Of one step alone those in which it took part.
    #expect(told.meetings(of: 2..<3).map(\.operations) == [[operation(2, 2), operation(1, 1)]])
    #expect(told.meetings(of: 0..<1) == meetings)
  }

  @Test("Of what is gone it says how much, and whether it was purged")
  func tellsWhatIsGone() throws {
    var purged = TextOperation(
      id: operation(1, 1), predecessors: [], edits: [TextEdit(.insert, at: 0, count: 5)],
      inserted: Array("héllo".utf8)[...])
    purged = purged.inserting(PartialText("hlo", gone: [1..<3]))
    let absent = TextOperation(
      id: operation(1, 2), predecessors: [purged.id], edits: [TextEdit(.insert, at: 5, count: 3)], inserted: nil)
    let all = TextOperation(
      id: operation(2, 1), predecessors: [absent.id], edits: [TextEdit(.deleteForward, at: 0, count: 12)], inserted: [])
    let told = TextExplanation(
      base: try #require(PartialText("ñx", gone: [0..<1, 2..<3])),
      [purged, absent, all].map { ($0, HybridTime(milliseconds: Int64($0.id.sequence), counter: 0)) })
    let first = try #require(told.step(0).edits.first).words
    #expect((first.text, first.count, first.purged, first.absent) == ("hlo", 5, 2, 0) && !first.isCut)
    let second = try #require(told.step(1).edits.first).words
    #expect((second.text, second.count, second.purged, second.absent) == ("", 3, 0, 3))
    let last = try #require(told.step(2).edits.first).words
    #expect((last.text, last.count, last.purged, last.absent) == ("hloñx", 12, 4, 3))
  }

  @Test("Excerpts are cut, and what they leave out is counted")
  func cutsExcerpts() {
    let text = String(repeating: "日本 ", count: 500)
    let told = explanation(PartialText(text), [(1, 1, [], [TextEdit(.deleteForward, at: 1, count: 900)], nil)])
    let words = told.step(0).edits[0].words
    #expect(words.text == String(text.dropFirst().prefix(200)) && words.count == 900 && words.isCut)
    #expect(TextExcerpt(of: PartialText(text)).text == text.prefix(200))
    #expect(told.stretches.map(\.count) == [1, 900, 599])
    #expect(explanation(PartialText(""), []).stretches.isEmpty)
    #expect(explanation(PartialText("ab"), []).stretches.map(\.count) == [2])
  }
}
