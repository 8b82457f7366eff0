import AnabranchCore
import AnabranchSync
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
    var third = FakeReplica(3)
    third.write()
    var world = World(seed: 1)
    for replica in [first, second] { _ = world.add(replica) }
    world.connect(0, 1)
    try world.settle()
    #expect(world.ends.allSatisfy { $0.ending == nil })
    #expect(world.ends.contains { !Self.excluded($0).isEmpty })
    #expect(world.replicas[0].contents == first.contents)
    #expect(world.replicas[1].contents == second.contents)
    // Whatever either writes on in that log stays where it is.
    for _ in 0..<4 {
      world.write(0)
      world.write(1)
      try world.settle()
    }
    #expect(world.ends.allSatisfy { $0.ending == nil })
    #expect(world.replicas[0].vector.changes == UInt64(common + a + 4))
    #expect(world.replicas[1].vector.changes == UInt64(common + b + 4))
    #expect(world.isFreeOfGrafts)
    #expect(world.beliefsAreTrue)
    let heads = (world.replicas[0].hash(of:), world.replicas[1].hash(of:))
    let last = ChangeID(log: first.own, sequence: UInt32(common + 1))
    #expect(heads.0(last) != heads.1(last))
  }

  /// Both write the same number while they are connected.
  @Test(arguments: 0..<100) func aForkIsNoticedLive(seed: UInt64) throws {
    let (first, second) = Self.copies(common: 3, 0, 0)
    var world = World(seed: seed, fragmentMax: 40)
    for replica in [first, second] { _ = world.add(replica) }
    world.connect(0, 1)
    var choices = SplitMix(seed: seed)
    for _ in 0..<60 {
      _ = world.step()
      if choices.oneIn(12) { world.write(choices.below(2)) }
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

  /// A peer that was ahead when it greeted is compared as soon as this side has caught up elsewhere.
  @Test func aForkShowsWhenTheShorterCopyCatchesUp() throws {
    let (first, second) = Self.copies(common: 2, 3, 0)
    var world = World(seed: 1)
    for replica in [first, second] { _ = world.add(replica) }
    let end = world.connect(0, 1)
    // Before anything is delivered, the second copy writes its own 3rd to 6th change.
    for _ in 0..<4 { world.write(1) }
    try world.settle()
    #expect(world.ends.allSatisfy { $0.ending == nil })
    let excluded = Self.excluded(world.ends[end + 1])
    #expect((1...2).contains(excluded.count) && excluded.allSatisfy { $0.first.log == first.own })
    #expect(world.replicas[0].contents == first.contents)
    #expect(world.isFreeOfGrafts)
    #expect(world.beliefsAreTrue)
  }
}
