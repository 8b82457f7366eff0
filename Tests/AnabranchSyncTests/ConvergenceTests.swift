import AnabranchCore
import AnabranchFakes
import AnabranchSync
import SeededRandom
import Testing

@Suite struct ConvergenceTests {
  /// A random life: writes, deliveries, cuts and reconnects, then peace. Everyone ends with everything.
  @Test(arguments: 0..<150) func randomSchedulesConverge(seed: Int) throws {
    var choices = RandomStream(seed: UInt64(seed) &* 7919 &+ 1)
    var world = World(seed: UInt64(seed), fragmentMax: [1, 7, 300, 100_000][choices.below(4)])
    let count = 2 + choices.below(3)
    for number in 0..<count {
      var replica = FakeReplica(UInt64(number) + 1)
      for _ in 0..<choices.below(6) { replica.write(bytes: 1 + choices.below(60)) }
      _ = world.add(replica)
    }
    var links: [(Int, Int)] = (1..<count).map { ($0 - 1, $0) }
    if choices.chance(1, in: 2) { links.append((0, count - 1)) }
    var open = links.map { world.connect($0.0, $0.1) }

    for _ in 0..<200 {
      _ = world.step()
      if choices.chance(1, in: 10) { world.write(choices.below(count), bytes: 1 + choices.below(60)) }
      if choices.chance(1, in: 60) {
        let link = choices.below(open.count)
        world.cut(open[link])
        open[link] = world.connect(links[link].0, links[link].1)
      }
    }
    try world.settle()
    #expect(world.hasConverged, "seed \(seed)")
    for ending in world.ends.compactMap(\.ending) {
      #expect(ending == SyncEnding(.connection, nil), "seed \(seed)")
    }
    // What each side believes the other to hold durably is true, and complete.
    #expect(world.beliefsAreTrue && world.isFreeOfGrafts, "seed \(seed)")
    for end in open.flatMap({ [$0, $0 + 1] }) {
      #expect(world.ends[end].heldWhenCaughtUp?.includes(world.ends[end].greeted) == true, "seed \(seed)")
    }
  }

  /// What reaches a peer by another way, while it is being sent, is not left out of the exchange.
  @Test(arguments: 0..<100) func honestReplicasLeaveNothingOut(seed: UInt64) throws {
    var world = World(seed: seed, fragmentMax: [7, 300][Int(seed % 2)])
    for number in 0..<3 {
      var replica = FakeReplica(UInt64(number) + 1)
      for _ in 0..<(2 + number * 3) { replica.write(bytes: 40) }
      _ = world.add(replica)
    }
    world.connect(1, 2)
    world.connect(0, 1, .exchange, .exchange)
    world.connect(0, 2)
    for _ in 0..<120 {
      _ = world.step()
      if world.replicas[2].vector.changes < 40 { world.write(2, bytes: 30) }
    }
    try world.settle()
    for end in world.ends {
      #expect(!end.reports.contains { if case .excluded = $0 { true } else { false } }, "seed \(seed)")
    }
  }

  @Test func theSameSeedGivesTheSameRun() throws {
    func run() throws -> [Int] {
      var world = World(seed: 7, fragmentMax: 50)
      for number in 1...3 {
        var replica = FakeReplica(UInt64(number))
        for _ in 0..<5 { replica.write() }
        _ = world.add(replica)
      }
      world.connect(0, 1)
      world.connect(1, 2)
      try world.settle()
      return world.ends.map(\.effects) + world.ends.map(\.watch.bytes)
    }
    let first = try run()
    #expect(try run() == first)
  }

  /// Whatever moment a connection breaks at, nothing acknowledged is missing, and the next one finishes the work.
  @Test(arguments: [0, 1]) func aResetAtEachEffectLosesNothing(side: Int) throws {
    var effects = 1
    while effects < 200 {
      var world = World(seed: UInt64(effects), fragmentMax: 200)
      for number in 1...2 {
        var replica = FakeReplica(UInt64(number))
        for _ in 0..<12 { replica.write(bytes: 40) }
        _ = world.add(replica)
      }
      world.cutAfter = (side, effects)
      world.connect(0, 1)
      world.write(0)
      world.write(1)
      try world.settle()
      let wasCut = world.cutAfter == nil
      #expect(world.beliefsAreTrue, "cut after \(effects) effects")
      if wasCut { world.connect(0, 1) }
      try world.settle()
      #expect(world.hasConverged, "cut after \(effects) effects")
      if !wasCut { break }
      effects += 1
    }
    #expect((10..<200).contains(effects))
  }

  /// Two peers bring the same changes at once; each is stored once and both are acknowledged.
  @Test(arguments: 0..<40) func twoSessionsMayBringTheSame(seed: UInt64) throws {
    var world = World(seed: seed, fragmentMax: 64)
    var writer = FakeReplica(1)
    for _ in 0..<10 { writer.write() }
    _ = world.add(writer)
    _ = world.add(FakeReplica(2))
    _ = world.add(FakeReplica(3))
    world.connect(0, 1)
    world.connect(0, 2)
    world.connect(1, 2)
    world.connect(0, 1)
    try world.settle()
    for _ in 0..<5 { world.write(Int(seed) % 3) }
    try world.settle()
    #expect(world.hasConverged)
    #expect(world.ends.allSatisfy { $0.ending == nil })
    #expect(world.ends[0].peerHas.includes(writer.vector))
  }

  @Test func aChangeTravelsThroughAThird() throws {
    var world = World(seed: 1)
    for number in 1...3 { _ = world.add(FakeReplica(UInt64(number))) }
    world.connect(0, 1)
    world.connect(1, 2)
    try world.settle()
    world.write(0)
    try world.settle()
    #expect(world.hasConverged)
    #expect(world.replicas[2].vector.changes == 1)
    // Nobody got back what came from there.
    for end in world.ends.indices {
      #expect(world.ends[end].session.progress.sentChanges == (end == 0 || end == 2 ? 1 : 0))
    }
  }
}
