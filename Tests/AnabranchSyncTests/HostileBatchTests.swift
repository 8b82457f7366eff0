import AnabranchCore
import AnabranchFakes
import AnabranchTestSupport
import AnabranchWire
import SeededRandom
import Testing

@testable import AnabranchSync

/// A peer that has read what others wrote and puts it together as it likes: whatever comes of that, a replica holds nothing but what
/// somebody wrote, where they wrote it.
@Suite struct HostileBatchTests {
  /// Copies of a device, and another one that has seen some of them.
  private static func world(seed: UInt64) throws -> World {
    var world = World(seed: seed)
    var choices = RandomStream(seed: seed)
    for number in 1...2 { _ = world.add(FakeReplica(UInt64(number))) }
    for _ in 0..<choices.number(in: 0...4) { world.write(0) }
    for number in 0..<choices.number(in: 1...3) {
      _ = world.add(world.replicas[choices.below(2) * 2 % world.replicas.count].cloned(as: UInt64(20 + number)))
    }
    for _ in 0..<choices.number(in: 6...20) {
      let (one, other) = (choices.below(world.replicas.count), choices.below(world.replicas.count))
      if one == other || choices.chance(2, in: 3) {
        world.write(one)
      } else {
        world.connect(one, other, .exchange, .exchange)
        try world.settle()
      }
    }
    return world
  }

  /// What somebody could send of what `replica` holds.
  private static func pieces(of replica: FakeReplica) -> IncomingBatch {
    let read = replica.read(ReadRequest(held: replica.provable, known: VersionVector(), bytesMax: .max))
    return IncomingBatch(
      runs: read.runs.map { .init(log: $0.log, header: $0.header, first: $0.first, changes: $0.changes) },
      headers: read.headers.byName, signatures: read.checkpoints.reduce(into: [:]) { $0[$1.change.log] = $1.signature },
      exclusions: Exclusions())
  }

  /// Does something to a batch that its author would not have done.
  private static func spoil(_ batch: inout IncomingBatch, with other: IncomingBatch, _ choices: inout RandomStream) {
    guard let place = batch.runs.indices.randomElement(using: &choices),
      let run = other.runs.randomElement(using: &choices)
    else { return }
    let (change, log) = (choices.below(batch.runs[place].changes.count), batch.runs[place].log)
    switch choices.below(12) {
    case 0: batch.runs.remove(at: place)
    case 1: batch.runs.append(run)
    case 2: batch.runs.insert(run, at: place)
    case 3: batch.runs.swapAt(place, batch.runs.indices.randomElement(using: &choices) ?? place)
    case 4: batch.runs[place].first &+= choices.chance(1, in: 2) ? 1 : .max
    case 5: batch.runs[place].changes.removeSubrange(change...)
    case 6: batch.runs[place].changes[change] = run.changes[choices.below(run.changes.count)]
    case 7: (batch.runs[place].header, batch.runs[place].log) = (run.header, run.log)
    case 8: batch.signatures[log] = other.signatures.sorted { $0.key < $1.key }.randomElement(using: &choices)?.value
    case 9: batch.signatures[log] = nil
    case 10:
      let invented = LogHeader.branch(of: run.log, first: run.first &+ UInt32(choices.below(3)), hash: choices.digest())
      batch.headers[invented.log] = invented
      if choices.chance(1, in: 2) { (batch.runs[place].header, batch.runs[place].log) = (invented, invented.log) }
    default: batch.headers.merge(other.headers) { first, _ in first }
    }
    batch.runs.removeAll { $0.changes.isEmpty }
    for run in batch.runs where batch.signatures[run.log] == nil && choices.chance(1, in: 2) {
      batch.signatures[run.log] = other.signatures[run.log]
    }
  }

  @Test(arguments: 0..<200) func nothingIsHeldThatNobodyWrote(seed: UInt64) throws {
    var world = try Self.world(seed: seed)
    var choices = RandomStream(seed: seed &+ 5)
    let pieces = world.replicas.map(Self.pieces)
    for _ in 0..<20 {
      let victim = choices.below(world.replicas.count)
      var batch = pieces[choices.below(pieces.count)]
      for _ in 0..<choices.number(in: 0...4) {
        Self.spoil(&batch, with: pieces[choices.below(pieces.count)], &choices)
      }
      let before = world.replicas[victim].vector.changes
      world.give(batch, to: victim)
      #expect(world.replicas[victim].vector.changes >= before)
      #expect(world.isFreeOfGrafts)
      #expect(world.isCausal)
    }
    // Nor does anything of it keep them from merging.
    for _ in 0..<2 {
      for replica in world.replicas.indices.dropFirst() {
        world.connect(0, replica, .exchange, .exchange)
        try world.settleForks()
      }
    }
    let written = world.replicas.reduce(into: Set<Digest>()) { $0.formUnion($1.written) }
    for replica in world.replicas {
      #expect(replica.contents == world.replicas[0].contents)
      #expect(Set(replica.logs.values.flatMap { $0.changes.map(\.hash) }) == written)
    }
  }

  /// A log is cut for a branch that is kept, and for nothing else: else replicas that hold the same would call it differently.
  @Test func nothingIsCutForWhatCannotBeKept() throws {
    var first = FakeReplica(1)
    first.write()
    first.write()
    let log = first.own
    var world = World(seed: 1)
    // A copy of it has met a copy of somebody else whom nobody else knows.
    let replicas = [first, FakeReplica(3), first.cloned(as: 2), FakeReplica(3).cloned(as: 4)]
    for replica in replicas { _ = world.add(replica) }
    for (one, other) in [(0, 1), (2, 3)] {
      world.write(other)
      world.connect(one, other, .exchange, .exchange)
      try world.settle()
      world.write(one)
    }
    var batch = Self.pieces(of: world.replicas[2])
    batch.runs.removeAll { $0.log != log }
    let before = world.replicas[0].contents
    world.give(batch, to: 0)
    #expect(world.replicas[0].contents == before)
    #expect(world.replicas[0].branches.isEmpty)
    // With what it builds on it is a branch like any other.
    for one in 1...3 {
      world.connect(0, one, .exchange, .exchange)
      try world.settleForks()
    }
    #expect(world.replicas[0].branches.branches(after: log).count == 2)
    #expect(world.isCausal && world.isFreeOfGrafts)
  }

  /// What was left out stays so under every name, and excuses nothing else.
  @Test func whatIsLeftOutHasManyNames() {
    func log(_ number: UInt64) -> LogID { LogID(Bytes16(high: number, low: 0)) }
    let (root, branch, other) = (log(1), log(2), log(3))
    var branches = Branches()
    branches.add(branch, of: root, first: 3)
    var exclusions = Exclusions()
    #expect(!exclusions.contains(ChangeID(log: root, sequence: 3), among: branches))
    exclusions.insert(from: ChangeID(log: branch, sequence: 2))
    for (change, isIn) in [
      (ChangeID(log: root, sequence: 4), true), (ChangeID(log: root, sequence: 9), true),
      (ChangeID(log: branch, sequence: 2), true), (ChangeID(log: root, sequence: 3), false),
      (ChangeID(log: branch, sequence: 1), false), (ChangeID(log: other, sequence: 9), false),
    ] {
      #expect(exclusions.contains(change, among: branches) == isIn, "\(change)")
    }
    exclusions.insert(from: ChangeID(log: root, sequence: 2))
    #expect(exclusions.contains(ChangeID(log: branch, sequence: 1), among: branches))
    #expect(!exclusions.contains(ChangeID(log: root, sequence: 1), among: branches))
  }

  /// What goes on from a branch that was left out in an earlier frame is left out too; where nothing was, it is refused.
  @Test func whatGoesOnFromWhatWasLeftOutIsLeftOut() throws {
    var first = FakeReplica(1)
    first.write()
    let log = first.own
    var (world, early) = (World(seed: 3), first.cloned(as: 2))
    early.write()
    for replica in [first, early, early.cloned(as: 3)] {
      let place = world.add(replica)
      world.write(place)
    }
    let hub = world.add(FakeReplica(4))
    for replica in [1, 2] {
      world.connect(hub, replica, .exchange, .exchange)
      try world.settleForks()
    }
    #expect(world.replicas[hub].branches.branches(after: log).count == 2)
    // One that is a copy too, and holds another change 2.
    var batch = Self.pieces(of: world.replicas[hub])
    batch.runs.removeAll { $0.log != world.replicas[hub].branches.branches(after: log)[0] }
    #expect(batch.runs.count == 1)
    var other = world.replicas[0]
    guard case .refused = other.apply(batch) else {
      Issue.record("what goes on from nothing was taken")
      return
    }
    var exclusions = Exclusions()
    exclusions.insert(from: ChangeID(log: log, sequence: 2))
    batch = IncomingBatch(
      runs: batch.runs, headers: batch.headers, signatures: batch.signatures, exclusions: exclusions)
    guard case .durable(_, let excluded, _) = other.apply(batch) else {
      Issue.record("what goes on from what was left out was refused")
      return
    }
    #expect(excluded.map(\.first) == [ChangeID(log: batch.runs[0].log, sequence: 1)])
    #expect(other.contents == world.replicas[0].contents)
  }
}
