import AnabranchCore
import AnabranchSync
import AnabranchWire
import SeededRandom
import Testing

/// Two databases that write the same log: what one holds is never built upon what the other holds, and nothing of
/// it is acknowledged.
@Suite struct ForkTests {
  /// Two copies of one replica with `common` changes, of which each wrote more apart.
  private static func copies(common: Int, _ a: Int, _ b: Int) -> (FakeReplica, FakeReplica) {
    var first = FakeReplica(1)
    for _ in 0..<common { first.write() }
    var second = first.cloned(as: 2)
    for _ in 0..<a { first.write() }
    for _ in 0..<b { second.write() }
    return (first, second)
  }

  private static func excluded(_ end: World.End) -> [Exclusion] {
    end.reports.compactMap { if case .excluded(let exclusion) = $0 { exclusion } else { nil } }
  }

  @Test(arguments: [(0, 1, 1), (3, 2, 2), (3, 1, 4), (3, 4, 1), (0, 5, 2)])
  func aForkIsNoticedWhenTheyMeet(common: Int, a: Int, b: Int) throws {
    let (first, second) = Self.copies(common: common, a, b)
    for seed in 0..<20 {
      try Self.meet(first, second, seed: UInt64(seed))
    }
  }

  private static func meet(_ first: FakeReplica, _ second: FakeReplica, seed: UInt64) throws {
    var world = World(seed: seed)
    for replica in [first, second] { _ = world.add(replica) }
    let before = (first.vector.changes, second.vector.changes)
    world.connect(0, 1)
    try world.settle()
    #expect(world.ends.allSatisfy { $0.ending == nil })
    #expect(world.ends.allSatisfy { Self.excluded($0).map(\.first.log) == [first.own] }, "both sides are told, once")
    #expect(world.replicas[0].contents == first.contents)
    #expect(world.replicas[1].contents == second.contents)
    // Whatever either writes on in that log stays where it is.
    for _ in 0..<4 {
      world.write(0)
      world.write(1)
      try world.settle()
    }
    #expect(world.ends.allSatisfy { $0.ending == nil })
    #expect(world.replicas[0].vector.changes == before.0 + 4)
    #expect(world.replicas[1].vector.changes == before.1 + 4)
    #expect(world.isFreeOfGrafts)
    #expect(world.beliefsAreTrue)
  }

  /// All that a peer says when they meet may come in one piece, before anybody has compared a hash.
  @Test func nobodyIsCalledEqualBeforeTheHashesAreCompared() {
    let (first, second) = Self.copies(common: 3, 1, 1)
    var peer = ScriptedPeer(first, as: second)
    let said = [ScriptedPeer.hello(second), ScriptedPeer.have(second), .changes(ChangeBatch(runs: []))]
    peer.answers = false
    peer.tell(.received(said.flatMap(\.canonicalBytes)))
    peer.answer()
    let forked = Exclusion(first: ChangeID(log: first.own, sequence: 4), cause: .forked)
    #expect(peer.reports.dropFirst() == [.excluded(forked), .caughtUp])
  }

  /// Both write the same number while they are connected.
  @Test(arguments: 0..<100) func aForkIsNoticedLive(seed: UInt64) throws {
    let (first, second) = Self.copies(common: 3, 0, 0)
    var world = World(seed: seed, fragmentMax: 40)
    for replica in [first, second] { _ = world.add(replica) }
    world.connect(0, 1)
    var choices = RandomStream(seed: seed)
    for _ in 0..<60 {
      _ = world.step()
      if choices.chance(1, in: 12) { world.write(choices.below(2)) }
    }
    world.write(0)
    world.write(1)
    world.write(1)
    try world.settle()
    #expect(world.ends.allSatisfy { $0.ending == nil })
    #expect(world.isFreeOfGrafts)
    #expect(world.beliefsAreTrue)
  }

  /// What builds on the fork does not get through either, but all else does, in both directions.
  @Test(arguments: [(2, 2), (1, 3), (3, 1)]) func theRestIsStillMerged(a: Int, b: Int) throws {
    let (first, second) = Self.copies(common: 2, a, b)
    var world = World(seed: 4, fragmentMax: 90)
    // 0 and 1 are the copies; 2 and 3 are others, who have seen one copy each and write on.
    for replica in [first, second, FakeReplica(3), FakeReplica(4)] { _ = world.add(replica) }
    world.write(2)
    world.write(3)
    let early = (world.replicas[2].own, world.replicas[3].own)
    world.connect(0, 2, .exchange, .exchange)
    world.connect(1, 3, .exchange, .exchange)
    try world.settle()
    world.write(2)
    world.write(3)
    world.connect(2, 3, .exchange, .exchange)
    try world.settle()
    let meeting = world.ends[4...5]
    #expect(meeting.allSatisfy { $0.ending?.isDone == true }, "\(meeting.map { $0.ending })")
    #expect(meeting.contains { !Self.excluded($0).isEmpty })
    // The first changes depend on no copy, and arrive; the second ones do, and stay.
    #expect(world.replicas[3].vector[early.0] == 1)
    #expect(world.replicas[2].vector[early.1] == 1)
    #expect(world.replicas[3].contents[early.1] != nil)
    #expect(world.isFreeOfGrafts)
    #expect(world.beliefsAreTrue)
  }

  /// A peer that was ahead when it greeted is compared as soon as this side is as far, before any more is sent.
  @Test(arguments: 0..<100) func aForkShowsWhenTheShorterCopyCatchesUp(seed: UInt64) throws {
    var world = World(seed: seed)
    for number in 1...2 { _ = world.add(FakeReplica(UInt64(number))) }
    for replica in [0, 0, 1] { world.write(replica) }
    // A log that both copies hold alike, so that there is something to compare at once.
    world.connect(0, 1, .exchange, .exchange)
    try world.settle()
    let copy = world.add(world.replicas[0].cloned(as: 3))
    for _ in 0..<3 { world.write(0) }
    let first = world.replicas[0]
    let end = world.connect(0, copy)
    for _ in 0..<6 {
      for _ in 0..<Int(seed % 4) { _ = world.step() }
      world.write(copy)
    }
    try world.settle()
    #expect(world.ends.suffix(2).allSatisfy { $0.ending == nil })
    // Only if the copy took the three changes before it wrote any is there no fork.
    let fork = ChangeID(log: first.own, sequence: 3)
    if world.replicas[copy].hash(of: fork) != first.hash(of: fork) {
      #expect(world.ends[end...].contains { !Self.excluded($0).isEmpty })
      #expect(world.replicas[0].contents == first.contents)
    }
    #expect(world.isFreeOfGrafts)
    #expect(world.beliefsAreTrue)
  }
}
