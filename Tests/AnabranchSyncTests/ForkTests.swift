import AnabranchCore
import AnabranchFakes
import AnabranchSync
import AnabranchWire
import SeededRandom
import Testing

/// Two databases that write the same log: each branch becomes a log of its own, everywhere under the same name, and nothing that
/// anybody wrote is lost, or built upon what its writer never saw.
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

  /// Lets everybody meet until nothing is new, and expects that all hold all that was ever written, under the same names.
  private static func expectAgreement(_ world: inout World, _ comment: Comment? = nil) throws {
    for _ in 0..<2 {
      for replica in world.replicas.indices.dropFirst() {
        world.connect(0, replica, .exchange, .exchange)
        try world.settleForks()
      }
    }
    let written = world.replicas.reduce(into: Set<Digest>()) { $0.formUnion($1.written) }
    for replica in world.replicas {
      #expect(replica.contents == world.replicas[0].contents, comment)
      #expect(Set(replica.logs.values.flatMap { $0.changes.map(\.hash) }) == written, comment)
      #expect(replica.vector.changes == written.count, comment)
    }
    #expect(world.isFreeOfGrafts, comment)
    #expect(world.isCausal, comment)
    #expect(world.beliefsAreTrue, comment)
  }

  @Test(arguments: [(0, 1, 1), (3, 2, 2), (3, 1, 4), (3, 4, 1), (0, 5, 2), (1_500, 40, 700)])
  func bothBranchesLiveOn(common: Int, a: Int, b: Int) throws {
    let (first, second) = Self.copies(common: common, a, b)
    for seed in 0..<(common > 100 ? 2 : 20) {
      var world = World(seed: UInt64(seed))
      for replica in [first, second] { _ = world.add(replica) }
      world.connect(0, 1)
      try world.settleForks()
      // Who has found that its own log forked goes on in another one.
      for _ in 0..<4 {
        world.write(0)
        world.write(1)
        try world.settleForks()
      }
      #expect(world.replicas[0].own != world.replicas[1].own)
      #expect(world.replicas.allSatisfy { $0.branches.branches(after: first.own).count == 2 })
      #expect(world.replicas.allSatisfy { $0.vector[first.own] == common })
      try Self.expectAgreement(&world, "seed \(seed)")
    }
  }

  /// A peer that makes no logs of branches gets and brings all but what forked.
  @Test func withAnOlderPeerTheForkIsLeftOut() {
    let (first, second) = Self.copies(common: 3, 1, 1)
    var peer = ScriptedPeer(first, as: second)
    // All that it says may come in one piece, before anybody has compared a hash.
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
    try world.settleForks()
    try Self.expectAgreement(&world)
  }

  /// What builds on one branch gets through to those who held the other.
  @Test(arguments: [(2, 2), (1, 3), (3, 1)]) func whatBuildsOnABranchComesWithIt(a: Int, b: Int) throws {
    let (first, second) = Self.copies(common: 2, a, b)
    var world = World(seed: 4, fragmentMax: 90)
    // 0 and 1 are the copies; 2 and 3 are others, who have seen one copy each and write on.
    for replica in [first, second, FakeReplica(3), FakeReplica(4)] { _ = world.add(replica) }
    world.write(2)
    world.write(3)
    world.connect(0, 2, .exchange, .exchange)
    world.connect(1, 3, .exchange, .exchange)
    try world.settle()
    world.write(2)
    world.write(3)
    world.connect(2, 3, .exchange, .exchange)
    try world.settleForks()
    #expect(world.replicas[2].contents == world.replicas[3].contents)
    #expect(world.replicas[2].branches.branches(after: first.own).count == 2)
    try Self.expectAgreement(&world)
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
    world.connect(0, copy)
    for _ in 0..<6 {
      for _ in 0..<Int(seed % 4) { _ = world.step() }
      world.write(copy)
    }
    try world.settleForks()
    try Self.expectAgreement(&world)
  }

  /// Copies of copies, that meet by chance, some while they write.
  @Test(arguments: 0..<30) func copiesOfCopies(seed: UInt64) throws {
    var world = World(seed: seed, fragmentMax: seed % 3 == 0 ? 50 : 4096)
    var choices = RandomStream(seed: seed &+ 77)
    for number in 1...2 { _ = world.add(FakeReplica(UInt64(number))) }
    for _ in 0..<choices.number(in: 10...40) {
      let one = choices.below(world.replicas.count)
      switch choices.below(10) {
      case 0 where world.replicas.count < 6:
        _ = world.add(world.replicas[one].cloned(as: UInt64(10 + world.replicas.count)))
      case 1...3:
        let other = choices.below(world.replicas.count)
        guard one != other else { continue }
        let modes: [SyncSession.Mode] = [.live, .exchange]
        world.connect(one, other, modes[choices.below(2)], modes[choices.below(2)])
        for _ in 0..<choices.below(60) { _ = world.step() }
        if choices.chance(1, in: 2) { try world.settle() }
      default:
        for _ in 0..<choices.number(in: 1...3) { world.write(one) }
      }
    }
    try world.settleForks()
    try Self.expectAgreement(&world, "seed \(seed)")
  }

  /// Of one log no more branches are kept than that; the rest of the history is merged all the same.
  @Test func oneTooManyIsLeftOut() throws {
    var first = FakeReplica(1)
    first.write()
    var world = World(seed: 1)
    _ = world.add(first)
    for number in 0..<Branches.branchesMax + 2 {
      _ = world.add(first.cloned(as: UInt64(number + 10)))
      world.write(number + 1)
    }
    let other = world.add(FakeReplica(5))
    world.write(other)
    for replica in world.replicas.indices.dropFirst() {
      world.connect(0, replica, .exchange, .exchange)
      try world.settleForks()
    }
    #expect(world.replicas[0].branches.branches(after: first.own).count == Branches.branchesMax)
    #expect(world.replicas[0].vector[world.replicas[other].own] == 1)
    #expect(world.isFreeOfGrafts)
  }

  /// What builds on a branch that is left out, since that builds on a fork of which its sender cannot know, is left out with it,
  /// whatever it calls that branch.
  @Test(arguments: 0..<20) func whatIsLeftOutIsLeftOutUnderAllItsNames(seed: UInt64) throws {
    var world = World(seed: seed)
    func meet(_ one: Int, _ other: Int) throws {
      world.connect(one, other, .exchange, .exchange)
      try world.settleForks()
    }
    var first = FakeReplica(10 + seed)
    first.write()
    let (own, copy) = (world.add(first), world.add(first.cloned(as: 1)))
    let liar = world.add(FakeReplica(2))
    world.write(liar)
    try meet(own, liar)
    let twin = world.add(world.replicas[liar].cloned(as: 3))
    world.write(own)
    world.write(own)
    world.write(copy)
    // Either history of the liar's builds on what the copy wrote, and somebody who knows only that one builds on it.
    let (hub, one, other) = (world.add(FakeReplica(5)), world.add(FakeReplica(6)), world.add(FakeReplica(7)))
    for (source, reader) in [(liar, one), (twin, other)] {
      try meet(copy, source)
      world.write(source)
      try meet(source, reader)
      world.write(reader)
      try meet(reader, hub)
    }
    #expect(world.replicas[hub].branches.branches(after: world.replicas[liar].own).count == 2)
    let met = world.ends.count
    try meet(hub, own)
    let endings = world.ends[met...].compactMap { $0.ending?.closing?.code }
    #expect(!endings.contains(Closing.Code.violation.rawValue))
    #expect(world.replicas[hub].contents == world.replicas[own].contents)
    #expect(world.isFreeOfGrafts && world.isCausal)
  }

  /// Who builds on a branch that is left out is left out with it, and nobody breaks off for it.
  @Test func whatBuildsOnOneTooManyIsLeftOut() throws {
    var first = FakeReplica(1)
    first.write()
    var world = World(seed: 1)
    _ = world.add(first)
    for number in 1...Branches.branchesMax + 1 {
      _ = world.add(first.cloned(as: UInt64(number + 10)))
      world.write(number)
    }
    let (known, late, other) = (world.add(FakeReplica(5)), world.add(FakeReplica(6)), Branches.branchesMax + 1)
    world.write(known)
    world.connect(late, other, .exchange, .exchange)
    try world.settleForks()
    world.write(late)
    world.write(other)
    world.connect(late, known, .exchange, .exchange)
    try world.settleForks()
    for replica in 1...Branches.branchesMax {
      world.connect(0, replica, .exchange, .exchange)
      try world.settleForks()
    }
    let met = world.ends.count
    for replica in [late, other] {
      world.connect(0, replica, .exchange, .exchange)
      try world.settleForks()
    }
    let endings = world.ends[met...].compactMap { $0.ending?.closing?.code }
    #expect(
      endings.allSatisfy { [Closing.Code.done.rawValue, Closing.Code.renamed.rawValue].contains($0) }, "\(endings)")
    #expect(endings.last == Closing.Code.done.rawValue)
    #expect(world.replicas[0].branches.branches(after: first.own).count == Branches.branchesMax)
    #expect(world.replicas[0].vector[world.replicas[late].own] == 0)
    #expect(world.replicas[0].vector[world.replicas[known].own] == 1)
    #expect(world.isFreeOfGrafts)
    #expect(world.isCausal)
  }
}
