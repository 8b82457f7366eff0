import AnabranchCore
import AnabranchFakes
import AnabranchSync
import AnabranchWire
import SeededRandom
import Testing

@Suite struct WordsRelayTests {
  /// In whatever way replicas are connected, each hears each of another's words at most once and in order, the last of
  /// them is what it says, and the change takes their place everywhere.
  @Test(arguments: UInt64(0)..<80) func wordsReachEverybodyOnceAndPass(seed: UInt64) throws {
    var random = RandomStream(seed: seed)
    var world = World(seed: seed, fragmentMax: random.one(of: 1, 40, 5_000))
    let count = 2 + random.below(3)
    for number in 0..<count { _ = world.add(FakeReplica(UInt64(number) + 1)) }
    for number in 1..<count { world.connect(number - 1, number) }
    if count > 2 { world.connect(0, count - 1) }
    try world.settle()

    var texts = [String](repeating: "", count: count)
    for _ in 0..<80 {
      let writer = random.below(count)
      if random.chance(1, in: 12), !texts[writer].isEmpty {
        world.write(writer)
        texts[writer] = ""
      } else {
        texts[writer] += random.words(1...2) + " "
        world.say(texts[writer], at: writer)
      }
      for _ in 0..<random.below(20) { _ = world.step() }
      if random.chance(1, in: 3) { try world.pass(.milliseconds(random.number(in: 1...80))) }
      try Self.check(world, seed)
    }
    try world.settle()
    try world.pass(SyncLimits.wordsInterval * 3)
    try Self.check(world, seed)
    for (number, board) in world.boards.enumerated() {
      let expected = texts.indices.filter { $0 != number && !texts[$0].isEmpty }
      let shown = Dictionary(board.shown.map { ($0.device, $0.pieces[0].inserted) }) { first, _ in first }
      #expect(shown.count == board.shown.count)
      #expect(
        shown == Dictionary(uniqueKeysWithValues: expected.map { (world.replicas[$0].device, texts[$0]) }),
        "seed \(seed)")
    }
    for writer in texts.indices { world.write(writer) }
    try world.settle()
    #expect(world.hasConverged && world.boards.allSatisfy { $0 == WordsBoard() }, "seed \(seed)")
    #expect(world.ends.allSatisfy { $0.ending == nil }, "seed \(seed)")
  }

  private static func check(_ world: World, _ seed: UInt64) throws {
    for (number, board) in world.boards.enumerated() {
      #expect(!board.shown.contains { world.replicas[number].vector.contains($0.change) }, "seed \(seed)")
      var last: [LogID: Words] = [:]
      for words in world.news[number] {
        #expect(last[words.change.log].map { words.isLater(than: $0) } ?? true, "seed \(seed): heard twice")
        last[words.change.log] = words
      }
    }
  }

  /// Nothing that was sealed waits for words, and what is sealed does not cost more for them.
  @Test func wordsDelayNoChange() throws {
    func bytes(withWords: Bool) throws -> Int {
      var world = World(seed: 5, fragmentMax: 200)
      for number in 1...2 { _ = world.add(FakeReplica(UInt64(number))) }
      world.connect(0, 1)
      try world.settle()
      for step in 0..<50 {
        if withWords { world.say(String(repeating: "word ", count: step % 7 + 1), at: 0) }
        world.write(0)
        try world.settle()
        #expect(world.hasConverged)
      }
      return world.ends[0].watch.frames.reduce(0) { sum, frame in
        if case .changes = frame { sum + frame.canonicalBytes.count } else { sum }
      }
    }
    #expect(try bytes(withWords: true) == bytes(withWords: false))
  }
}
