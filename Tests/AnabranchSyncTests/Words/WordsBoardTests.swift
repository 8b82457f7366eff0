import AnabranchCore
import AnabranchFakes
import AnabranchSync
import AnabranchWire
import SeededRandom
import Testing

@Suite struct WordsBoardTests {
  private let writer = FakeReplica(1)
  private let nothing = VersionVector()

  private func vector(_ log: LogID, _ sequence: UInt32) -> VersionVector {
    VersionVector([(log, sequence)])
  }

  private func said(_ board: WordsBoard) -> [String] {
    board.shown.map { $0.pieces.map(\.inserted).joined(separator: "|") }
  }

  @Test func whatIsAddedGoesOnFromWhatWasTold() {
    var board = WordsBoard()
    #expect(board.take(Words(saying: "Once", by: writer, counter: 1), held: nothing, now: .zero) != nil)
    let more = Words(saying: "Once upon 時", by: writer, counter: 4)
    #expect(board.take(more.from(4), held: nothing, now: .zero) == more, "to be told to others from the beginning")
    #expect(said(board) == ["Once upon 時"])
    // It may also say again what was told: by another way it came further.
    let again = Words(saying: "Once upon 時 🌊", by: writer, counter: 5)
    #expect(board.take(again.from(2), held: nothing, now: .zero) == again)
    #expect(said(board) == ["Once upon 時 🌊"])
  }

  @Test func piecesThatAreNotToldAgainStay() {
    var board = WordsBoard()
    _ = board.take(Words(saying: "one", by: writer, counter: 1, at: 0), held: nothing, now: .zero)
    _ = board.take(Words(saying: "two", by: writer, counter: 2, at: 9), held: nothing, now: .zero)
    #expect(said(board) == ["one|two"])
  }

  @Test func lateWordsAndMissingBeginningsAreNoNews() {
    var board = WordsBoard()
    let words = Words(saying: "abc", by: writer, counter: 3)
    #expect(board.take(words.from(1), held: nothing, now: .zero) == nil, "its beginning was never heard")
    #expect(board.take(words, held: nothing, now: .zero) != nil)
    #expect(board.take(words, held: nothing, now: .zero) == nil)
    #expect(board.take(Words(saying: "ab", by: writer, counter: 2), held: nothing, now: .zero) == nil)
    #expect(board.take(Words(saying: "abcdefg", by: writer, counter: 4).from(5), held: nothing, now: .zero) == nil)
    #expect(said(board) == ["abc"])
    var later = words
    later.change = ChangeID(log: writer.own, sequence: 2)
    later.counter = 1
    #expect(board.take(later, held: nothing, now: .zero) != nil, "a counter counts within a change")
    #expect(board.take(Words(saying: "abcd", by: writer, counter: 9), held: nothing, now: .zero) == nil)
  }

  @Test func theChangeTakesTheirPlace() {
    var board = WordsBoard()
    let words = Words(saying: "abc", by: writer, counter: 1)
    _ = board.take(words, held: nothing, now: .zero)
    let others = board.forget(heldIn: vector(FakeReplica(2).own, 9))
    let held = vector(writer.own, 1)
    let own = board.forget(heldIn: held)
    #expect(own && !others)
    #expect(board == WordsBoard())
    #expect(board.take(Words(saying: "abcd", by: writer, counter: 2), held: held, now: .zero) == nil, "too late")
  }

  @Test func aSilenceTakesThemDownAndALateCopyDoesNotBringThemBack() {
    var board = WordsBoard()
    let words = Words(saying: "abc", by: writer, counter: 7)
    _ = board.take(words, held: nothing, now: .seconds(3))
    #expect(board.deadline == .seconds(3) + SyncLimits.wordsSilenceMax)
    let early = board.fallSilent(at: .seconds(3) + SyncLimits.wordsSilenceMax - .milliseconds(1))
    let due = board.fallSilent(at: .seconds(3) + SyncLimits.wordsSilenceMax)
    #expect(due && !early)
    #expect(board.shown.isEmpty && board.deadline == nil)
    #expect(board.operations(on: .body, of: Words.message, held: nothing).isEmpty)
    #expect(board.take(words, held: nothing, now: .seconds(60)) == nil)
    #expect(board.take(Words(saying: "abcd", by: writer, counter: 8).from(3), held: nothing, now: .seconds(60)) != nil)
    #expect(said(board) == ["abcd"])
  }

  /// Whoever tells words of a change that will never be cannot keep the device's own from being seen for long.
  @Test func wordsOfAFarFutureAreInTheWayUntilTheyFallSilent() {
    var board = WordsBoard()
    var forged = Words(saying: "forged", by: writer, counter: .max)
    forged.change.sequence = .max
    _ = board.take(forged, held: nothing, now: .zero)
    let own = Words(saying: "own", by: writer, counter: 1)
    #expect(board.take(own, held: nothing, now: .seconds(1)) == nil)
    _ = board.fallSilent(at: SyncLimits.wordsSilenceMax)
    #expect(board.take(forged, held: nothing, now: SyncLimits.wordsSilenceMax) == nil)
    #expect(board.take(own, held: nothing, now: SyncLimits.wordsSilenceMax) == own)
    #expect(said(board) == ["own"])
  }

  @Test func whatOneBoardHoldsIsBounded() {
    var board = WordsBoard()
    let long = Words(saying: String(repeating: "a", count: Limits.wordsBytesMax), by: writer, counter: 1)
    #expect(board.take(long, held: nothing, now: .zero) == nil)
    for number in 0..<UInt64(SyncLimits.wordsLogsMax) + 20 {
      let words = Words(saying: "\(number)", by: FakeReplica(number + 1), counter: 1)
      #expect(board.take(words, held: nothing, now: .seconds(Int64(number))) != nil)
    }
    #expect(Set(said(board)) == Set((20..<SyncLimits.wordsLogsMax + 20).map { "\($0)" }), "the oldest have gone")
  }

  @Test func whatBuildsOnSomethingUnknownIsNotShown() {
    var board = WordsBoard()
    let other = FakeReplica(2)
    var words = Words(saying: "one", by: writer, counter: 1, at: 5)
    words.pieces[0].predecessors = [OperationID(log: other.own, sequence: 4, index: 0)]
    var second = words.pieces[0]
    second.index = 8
    second.predecessors = [OperationID(log: writer.own, sequence: words.change.sequence, index: 7)]
    words.pieces.append(second)
    _ = board.take(words, held: nothing, now: .zero)
    func shown(_ held: VersionVector) -> [UInt32] {
      board.operations(on: .body, of: Words.message, held: held).map(\.id.index)
    }
    #expect(shown(nothing) == [])
    #expect(shown(vector(other.own, 3)) == [])
    #expect(shown(vector(other.own, 4)) == [5, 8])
    #expect(board.operations(on: .draft, of: Words.message, held: vector(other.own, 4)).isEmpty)
  }

  /// What a peer says need not fit the text at all: it shows something, and nothing breaks or takes long.
  @Test(.timeLimit(.minutes(1)), arguments: UInt64(0)..<60) func hostileEditsAreHarmless(seed: UInt64) throws {
    var random = RandomStream(seed: seed)
    var board = WordsBoard()
    for device in 1...3 {
      var edits: [TextEdit] = []
      var inserted = ""
      for _ in 0..<random.number(in: 1...6) {
        let place = random.one(of: 0, 3, 5, 6, 1_000, Int(UInt32.max))
        if random.chance(1, in: 2) {
          edits.add(TextEdit(.insert, at: place, count: 2))
          inserted += "é🌊"
        } else {
          let kind = random.one(of: TextEdit.Kind.deleteForward, .deleteBackward)
          edits.add(TextEdit(kind, at: place, count: random.one(of: 1, 7, 100_000_000)))
        }
      }
      var words = Words(saying: "x", by: FakeReplica(UInt64(device)), counter: 1)
      words.pieces[0].edits = edits
      words.pieces[0].inserted = inserted
      guard case .words(let read) = try Frame(Array(Frame.words(words).canonicalBytes.dropFirst(4))) else { return }
      #expect(board.take(read, held: nothing, now: .zero) != nil)
    }
    let operations = board.operations(on: .body, of: Words.message, held: nothing)
    let text = TextDocument(base: "hello", operations).text
    #expect(operations.count == 3 && text.unicodeScalars.count <= 5 + 3 * 6 * 2)
  }

  /// Whatever is told of a text that grows, in whatever pieces and order, a board shows a beginning of it, and never
  /// goes back.
  @Test(arguments: UInt64(0)..<200) func itShowsABeginningAndNeverGoesBack(seed: UInt64) {
    var random = RandomStream(seed: seed)
    let text = random.words(20...40) + " 時🌊é"
    let count = text.unicodeScalars.count
    var board = WordsBoard()
    var shown = 0
    for _ in 0..<60 {
      let end = 1 + random.below(count)
      let whole = Words(
        saying: String(String.UnicodeScalarView(text.unicodeScalars.prefix(end))), by: writer, counter: UInt64(end))
      let start = random.below(end + 1)
      let taken = board.take(whole.from(start), held: nothing, now: .zero)
      #expect((taken != nil) == (end > shown && start <= shown), "seed \(seed)")
      if let taken {
        #expect(taken == whole)
        shown = end
      }
    }
    #expect(shown == 0 || said(board).first?.unicodeScalars.count == shown)
  }
}
