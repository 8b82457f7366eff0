import AnabranchCore
import AnabranchFakes
import AnabranchSync
import AnabranchWire
import Testing

@Suite struct WordsSessionTests {
  private let writer = FakeReplica(1)

  /// A session of `replica` whose peer has greeted and holds nothing.
  private func met(
    _ replica: FakeReplica, mode: SyncSession.Mode = .live, features: Hello.Features = .words,
    credit: UInt32 = SyncLimits.creditWindow
  ) -> ScriptedPeer {
    var peer = ScriptedPeer(replica, mode: mode)
    peer.send(ScriptedPeer.hello(FakeReplica(2), credit: credit, features: features), .have([]))
    return peer
  }

  private func told(_ peer: ScriptedPeer) -> [Words] {
    peer.frames.compactMap { if case .words(let words) = $0 { words } else { nil } }
  }

  private func words(_ text: String, _ counter: UInt64) -> Words {
    Words(saying: text, by: writer, counter: counter)
  }

  @Test func onlyAPeerThatTakesThemInALiveSessionIsTold() {
    for (features, mode, count) in [
      (Hello.Features.words, SyncSession.Mode.live, 1), ([.words, .init(rawValue: 1 << 63)], .live, 1),
      ([], .live, 0), (.blobs, .live, 0), (.words, .exchange, 0),
    ] as [(Hello.Features, SyncSession.Mode, Int)] {
      var peer = met(writer, mode: mode, features: features)
      peer.tell(.words(words("Hello", 1)))
      peer.pass(.seconds(1))
      #expect(told(peer).count == count)
    }
    var early = ScriptedPeer(writer)
    early.tell(.words(words("Hello", 1)))
    #expect(told(early).isEmpty)
  }

  @Test func theyGoOutAtOnceThenTwentyTimesASecondAndOnlyWhatWasAdded() {
    var peer = met(writer)
    var text = ""
    var board = WordsBoard()
    for step in 1...1_000 {
      text += "\(step % 10)"
      peer.tell(.words(words(text, UInt64(step))))
      if step == 1 { #expect(told(peer) == [words("1", 1)], "nobody waits for the first") }
      peer.pass(.milliseconds(1))
    }
    peer.pass(SyncLimits.wordsInterval)
    let frames = told(peer)
    #expect((20...22).contains(frames.count))
    #expect(frames.reduce(0) { $0 + $1.pieces[0].inserted.count } == 1_000, "nothing is told twice")
    for frame in frames { #expect(board.take(frame, held: VersionVector(), now: .zero) != nil) }
    #expect(board.shown == [words(text, 1_000)])
    // What is no news any more is not told again.
    peer.tell(.words(words(text, 1_000)))
    peer.pass(.seconds(1))
    #expect(told(peer).count == frames.count)
  }

  /// A device that lost its open text begins another one under the same number; what a relay told of the first is not
  /// put in front of it, however alike they are in length.
  @Test(arguments: ["Other words, and longer", "Hallo, longer", "Hi", "Hallo", "Hallö!"])
  func whatAWriterBeganAgainIsToldWhole(again: String) {
    var peer = met(FakeReplica(3))
    var board = WordsBoard()
    for (counter, text) in [(UInt64(1), "Hello"), (2, again), (3, again + " and on")] {
      peer.tell(.words(words(text, counter)))
      peer.pass(.seconds(1))
      for frame in told(peer).dropFirst(Int(counter) - 1) { _ = board.take(frame, held: VersionVector(), now: .zero) }
      #expect(board.shown == [words(text, counter)])
    }
    #expect(told(peer).last?.pieces.first?.inserted == " and on")
  }

  @Test func whatIsDurableComesFirst() {
    var peer = met(writer)
    peer.answers = false
    peer.write()
    let next = Words(saying: "after it", by: peer.replica, counter: 1)
    peer.tell(.words(next))
    peer.pass(.seconds(1))
    #expect(told(peer).isEmpty, "a change is still being read")
    peer.answer()
    guard case .changes? = peer.frames.dropLast().last, case .words(next)? = peer.frames.last else {
      return #expect(Bool(false), "expected the change, then the words, got \(peer.frames.suffix(2))")
    }
  }

  @Test func wordsOfAChangeThatIsHeldAreNotTold() {
    var peer = met(writer)
    peer.tell(.words(words("a", 1)))
    peer.tell(.words(words("ab", 2)))
    peer.write()
    peer.pass(.seconds(1))
    #expect(told(peer).count == 1)
  }

  /// They leave room for the largest change, and wait where there is none.
  @Test func theyTakeUpCreditAndLeaveEnough() {
    let room = 1_000
    var peer = met(writer, credit: UInt32(SyncLimits.creditMin + room))
    var text = ""
    for step in 1...100 {
      text += String(repeating: "x", count: 100)
      peer.tell(.words(words(text, UInt64(step))))
      peer.pass(SyncLimits.wordsInterval)
    }
    func used() -> Int { told(peer).reduce(0) { $0 + Frame.words($1).canonicalBytes.count } }
    #expect(used() <= room && used() > room / 2)
    let before = told(peer).count
    peer.send(.credit(100_000))
    #expect(told(peer).count == before + 1, "as soon as there is room")
    #expect(told(peer).reduce(0) { $0 + $1.pieces[0].inserted.count } == text.count)
  }

  @Test func whatComesIsHandedOnAndItsRoomGivenBack() {
    var peer = met(FakeReplica(3))
    peer.send(.words(words("Hello", 1)))
    #expect(peer.words == [words("Hello", 1)])
    // What it told is not told back.
    peer.tell(.words(words("Hello", 1)))
    peer.pass(.seconds(1))
    #expect(told(peer).isEmpty)
    let long = String(repeating: "y", count: 100_000)
    for counter in UInt64(2)...60 { peer.send(.words(words(long, counter))) }
    #expect(peer.ending == nil && peer.words.count == 60)
    #expect(peer.frames.contains { if case .credit = $0 { true } else { false } })
  }

  @Test func whatIsHeldAlreadyIsNoNews() {
    var other = FakeReplica(3)
    other.write()
    var peer = met(other)
    peer.send(.words(Words(saying: "late", by: FakeReplica(3), counter: 5)))
    #expect(peer.words.isEmpty && peer.ending == nil)
  }

  @Test func theyHaveTheirPlaceInASession() {
    for frames: [Frame] in [[], [ScriptedPeer.hello(FakeReplica(2))]] {
      var peer = ScriptedPeer(writer)
      for frame in frames { peer.send(frame) }
      peer.send(.words(words("Hello", 1)))
      #expect(peer.closingCode == .violation && peer.words.isEmpty)
    }
  }

  @Test func nothingIsToldAfterTheLastWord() {
    var peer = met(writer)
    peer.tell(.finish)
    peer.tell(.words(words("Hello", 1)))
    peer.send(.words(Words(saying: "Hello", by: FakeReplica(4), counter: 1)))
    peer.pass(.seconds(1))
    #expect(told(peer).isEmpty && peer.words.isEmpty)
  }
}
