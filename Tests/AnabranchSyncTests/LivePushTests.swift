import AnabranchCore
import AnabranchFakes
import AnabranchSync
import AnabranchWire
import Testing

@Suite struct LivePushTests {
  /// A message of 384 bytes costs both directions at most 600 bytes, its acknowledgement included.
  @Test func aMessageCostsLittleMoreThanItself() throws {
    var world = World(seed: 1)
    for number in 1...2 {
      var replica = FakeReplica(UInt64(number))
      for _ in 0..<3 { replica.write() }
      _ = world.add(replica)
    }
    world.connect(0, 1)
    try world.settle()
    world.write(0, bytes: 384)
    try world.settle()

    let before = world.ends.map(\.watch.bytes)
    world.write(0, bytes: 384)
    try world.settle()
    let cost = zip(world.ends, before).map { $0.watch.bytes - $1 }
    #expect(world.hasConverged)
    #expect(cost == [555, 8], "bytes out and back: \(cost)")
    #expect(cost.reduce(0, +) <= 600)
  }

  /// Whatever came from the peer, or was acknowledged by it, is not sent there.
  @Test func manyWritesOnBothSidesAreEachSentOnce() throws {
    var world = World(seed: 9, fragmentMax: 30)
    for number in 1...2 { _ = world.add(FakeReplica(UInt64(number))) }
    world.connect(0, 1)
    for round in 0..<100 {
      world.write(round % 2)
      for _ in 0..<5 { _ = world.step() }
    }
    try world.settle()
    #expect(world.hasConverged)
    for end in world.ends {
      #expect(end.session.progress.sentChanges == 50)
      #expect(end.session.progress.receivedChanges == 50)
      #expect(end.peerHas == world.replicas[0].vector)
    }
  }

  /// What lacks its author's word waits, and with it what was built on it; nothing else does. All of it goes, in the session that
  /// is open already, once somebody brings that word, though none of the changes is new here.
  @Test(arguments: UInt64(0)..<20) func whatLacksItsProofWaitsForIt(seed: UInt64) throws {
    var world = World(seed: seed)
    var author = FakeReplica(1)
    for _ in 0..<5 { author.write() }
    var relay = FakeReplica(2)
    relay.write()
    relay.hold(unsigned: author)
    let beforeProof = relay.vector
    let (first, middle, last) = (world.add(author), world.add(relay), world.add(FakeReplica(3)))
    world.connect(middle, last)
    try world.settle()
    #expect(world.replicas[last].vector == VersionVector([(relay.own, UInt32(1))]))
    world.write(middle)
    try world.settle()
    #expect(world.replicas[last].vector == VersionVector([(relay.own, UInt32(1))]), "that was built on it")

    let asking = world.connect(first, middle)
    try world.settle()
    #expect(world.ends[asking].session.progress.sentChanges == 5)
    #expect(world.replicas[middle].vector == world.replicas[last].vector)
    #expect(world.replicas[middle].vector.includes(beforeProof))
    #expect(world.hasConverged && world.beliefsAreTrue)
    #expect(world.ends.allSatisfy { $0.ending == nil })
  }
}
