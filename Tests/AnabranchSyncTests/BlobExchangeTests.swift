import AnabranchCore
import AnabranchFakes
import AnabranchSync
import AnabranchWire
import SeededRandom
import Testing

/// Files travel beside the changes, to whoever wants them.
@Suite struct BlobExchangeTests {
  private static func bytes(_ count: Int, _ seed: UInt64 = 1) -> [UInt8] {
    var random = RandomStream(seed: seed)
    return random.bytes(count)
  }

  /// Two replicas, the second of which wants `files` of the first.
  private static func world(
    seed: UInt64, fragmentMax: Int, files: [[UInt8]]
  ) -> (world: World, blobs: [BlobID]) {
    var world = World(seed: seed, fragmentMax: fragmentMax)
    var (first, second) = (FakeReplica(1), FakeReplica(2))
    first.write()
    let blobs = files.map { first.add($0) }
    for blob in blobs { second.want(blob) }
    _ = world.add(first)
    _ = world.add(second)
    return (world, blobs)
  }

  @Test(arguments: 0..<60) func anExchangeBringsWhatIsWanted(seed: UInt64) throws {
    let files = [0, 1, 500, 3_000, 700, 12, 99, 4_000].enumerated().map { Self.bytes($1, UInt64($0)) }
    var (world, blobs) = Self.world(seed: seed, fragmentMax: [1, 50, 5_000][Int(seed % 3)], files: files)
    world.connect(0, 1, .exchange, seed.isMultiple(of: 2) ? .exchange : .live)
    try world.settle()
    #expect(world.ends.compactMap(\.ending).map(\.isDone) == [true, true], "seed \(seed)")
    #expect(blobs.map { world.replicas[1].blobs[$0]?.bytes } == files, "seed \(seed)")
    #expect(world.hasConverged)
  }

  @Test func aFileOfManyBlocksComesBlockByBlock() throws {
    let file = Self.bytes(5 * Limits.blockBytes + 17)
    var (world, blobs) = Self.world(seed: 3, fragmentMax: 1_000_000, files: [file])
    world.connect(0, 1, .exchange, .exchange)
    try world.settle()
    #expect(world.replicas[1].blobs[blobs[0]]?.bytes == file)
    let requests = world.ends[1].watch.frames.count { if case .blob(.request) = $0 { true } else { false } }
    #expect(requests == 7, "the outline and six blocks, each once")
  }

  @Test(arguments: 0..<40) func aTransferGoesOnWhereItBrokeOff(seed: UInt64) throws {
    let file = Self.bytes(4 * Limits.blockBytes + 5)
    var (world, blobs) = Self.world(seed: seed, fragmentMax: 200_000, files: [file])
    let first = world.connect(0, 1)
    world.cutAfter = (first + 1, 8 + Int(seed % 12))
    try world.settle()
    world.release(1)
    let held = world.replicas[1].blobs[blobs[0]]?.blocks.count ?? 0
    let again = world.connect(0, 1, .exchange, .exchange)
    try world.settle()
    #expect(world.replicas[1].blobs[blobs[0]]?.bytes == file, "seed \(seed)")
    let blocks = world.ends[again].watch.frames.count { if case .blob(.block) = $0 { true } else { false } }
    #expect(blocks == 5 - held, "seed \(seed)")
  }

  /// Who asks a third for a file that this gets only later is told as soon as it has it.
  @Test(arguments: 0..<40) func aThirdPassesOnWhatItGets(seed: UInt64) throws {
    var world = World(seed: seed, fragmentMax: 400)
    var laptop = FakeReplica(1)
    let file = Self.bytes(900, seed)
    let blob = laptop.add(file)
    _ = world.add(laptop)
    for number in [UInt64(2), 3] {
      var other = FakeReplica(number)
      other.want(blob)
      _ = world.add(other)
    }
    world.connect(1, 2)
    try world.settle()
    #expect(world.replicas[2].blobs[blob]?.bytes == nil)
    world.connect(0, 1)
    try world.settle()
    #expect(
      world.replicas[1].blobs[blob]?.bytes == file && world.replicas[2].blobs[blob]?.bytes == file, "seed \(seed)")
  }

  /// Two devices have a file: one fetches it from either, block by block once, also where the first one goes away.
  @Test(arguments: 0..<40) func whatOneBreaksOffAnotherGoesOnWith(seed: UInt64) throws {
    var world = World(seed: seed, fragmentMax: 200_000)
    let file = Self.bytes(3 * Limits.blockBytes + 5, seed)
    var wanting = FakeReplica(1)
    for number in [UInt64(2), 3] {
      var other = FakeReplica(number)
      wanting.want(other.add(file))
      _ = world.add(other)
    }
    let blob = try #require(wanting.blobs.keys.first)
    let number = world.add(wanting)
    let first = world.connect(0, number)
    world.connect(1, number)
    world.cutAfter = (first + 1, 6 + Int(seed % 14))
    for _ in 0..<100_000 where world.cutAfter != nil && world.step() {}
    world.release(number)
    try world.settle()
    #expect(world.replicas[number].blobs[blob]?.bytes == file, "seed \(seed)")
  }

  // MARK: What a peer must not do

  /// A session of a replica that wants a file, with a peer that speaks of blobs and has said everything else.
  private static func met(_ local: FakeReplica) -> ScriptedPeer {
    let other = FakeReplica(2)
    var peer = ScriptedPeer(local)
    peer.send(
      ScriptedPeer.hello(other, features: .blobs), ScriptedPeer.have(other), .changes(ChangeBatch(runs: [])))
    return peer
  }

  private static func wanting(_ file: [UInt8]) -> (peer: ScriptedPeer, blob: BlobID, outline: BlobOutline?) {
    var (local, other) = (FakeReplica(1), FakeReplica(2))
    let blob = other.add(file)
    local.want(blob)
    return (met(local), blob, other.blobs[blob]?.outline)
  }

  private static func offer(_ blob: BlobID, _ count: Int, isAnswer: Bool = true) -> Frame {
    .blob(.offers(BlobOffers(isAnswer: isAnswer, blobs: [BlobOffer(blob: blob, byteCount: UInt64(count))])))
  }

  @Test func anOrdinaryPeerIsAskedAndThenLeftInPeace() {
    var (peer, blob, _) = Self.wanting([1, 2, 3])
    #expect(peer.frames.contains(.blob(.wants([blob]))))
    peer.send(Self.offer(blob, 3))
    #expect(peer.frames.last == .blob(.request(blob, .block(0))), "one block is checked against the name at once")
    peer.send(.blob(.block(blob, 0, [1, 2, 3])))
    #expect(peer.replica.blobs[blob]?.bytes == [1, 2, 3])
    #expect(peer.frames.last == .blob(.wants([])) && peer.ending == nil)
  }

  @Test func nothingIsKeptThatWasNotAskedForOrIsNotTheFile() {
    let file = Self.bytes(Limits.blockBytes + 1)
    let (_, blob, outline) = Self.wanting(file)
    let block = Array(file[..<Limits.blockBytes])
    let other = FakeReplica(9).blobs.keys.first ?? BlobID(.zero)
    let faults: [(String, [Frame])] = [
      ("offer", [Self.offer(other, 3)]),
      ("offer", [Self.offer(blob, file.count), Self.offer(blob, file.count)]),
      ("block", [.blob(.block(blob, 0, block))]),
      ("nothing", [.blob(.lacks(blob))]),
      ("outline", [.blob(.outline(blob, outline?.blocks ?? []))]),
      ("outline", [Self.offer(blob, file.count), .blob(.outline(blob, [.zero, .zero]))]),
      ("outline", [Self.offer(blob, 7 + Limits.blockBytes), .blob(.outline(blob, outline?.blocks ?? []))]),
      (
        "block",
        [Self.offer(blob, file.count), .blob(.outline(blob, outline?.blocks ?? [])), .blob(.block(blob, 1, [7]))]
      ),
      (
        "block",
        [Self.offer(blob, file.count), .blob(.outline(blob, outline?.blocks ?? [])), .blob(.block(blob, 5, [7]))]
      ),
      ("expected blob", [Self.offer(blob, 2), .blob(.block(blob, 0, [1, 2]))]),
    ]
    for (words, frames) in faults {
      var (peer, _, _) = Self.wanting(file)
      for frame in frames { peer.send(frame) }
      #expect(peer.closingCode == .violation, "\(words): \(peer.closing?.reason ?? "no end")")
      #expect(peer.closing?.reason.contains(words) == true, "\(peer.closing?.reason ?? "")")
      #expect(peer.replica.blobs[blob]?.blocks.isEmpty == true)
    }
  }

  @Test func whoLacksAPartAnswersTheOthersAllTheSame() {
    let file = Self.bytes(3 * Limits.blockBytes)
    var (peer, blob, outline) = Self.wanting(file)
    peer.send(Self.offer(blob, file.count), .blob(.outline(blob, outline?.blocks ?? [])))
    func block(_ index: Int) -> Frame {
      .blob(.block(blob, UInt32(index), Array(file[index * Limits.blockBytes..<(index + 1) * Limits.blockBytes])))
    }
    // Three were asked for.
    peer.send(.blob(.lacks(blob)), block(1), .blob(.lacks(blob)))
    #expect(peer.ending == nil && peer.frames.last == .blob(.wants([])))
    peer.send(.blob(.lacks(blob)))
    #expect(peer.closingCode == .violation, "that is one more than it was asked for")
  }

  /// A peer that talks of everything but the file that it promised is given up, so that it can be fetched elsewhere.
  @Test func whoHoldsAPartBackIsGivenUp() {
    let file = Self.bytes(3 * Limits.blockBytes)
    var (peer, blob, outline) = Self.wanting(file)
    peer.send(Self.offer(blob, file.count), .blob(.outline(blob, outline?.blocks ?? [])))
    func talk(_ step: Int) {
      peer.pass(.seconds(10))
      peer.send(.ping(UInt64(step)))
      peer.write()
      peer.send(.acknowledge([]))
    }
    for step in 0..<29 { talk(step) }
    peer.send(.blob(.block(blob, 0, Array(file[..<Limits.blockBytes]))))
    for step in 0..<29 { talk(step) }
    #expect(peer.ending == nil)
    for step in 0..<3 { talk(step) }
    #expect(peer.closingCode == .timeout && peer.closing?.reason.contains("signs of life") == true)
  }

  @Test func whoDoesNotSpeakOfBlobsIsNotTalkedToAboutThem() {
    var (local, other) = (FakeReplica(1), FakeReplica(2))
    local.want(other.add([1]))
    var peer = ScriptedPeer(local, mode: .exchange)
    peer.send(ScriptedPeer.hello(other), ScriptedPeer.have(other), .changes(ChangeBatch(runs: [])))
    #expect(!peer.frames.contains { if case .blob = $0 { true } else { false } })
    #expect(peer.frames.last == .close(Closing(.done, "")))
    peer = ScriptedPeer(local)
    peer.send(ScriptedPeer.hello(other), ScriptedPeer.have(other), .blob(.wants([])))
    #expect(peer.closingCode == .violation)
  }

  @Test func requestsAreAnsweredAFewAtATime() {
    var local = FakeReplica(1)
    let blob = local.add([5, 6])
    var peer = Self.met(local)
    peer.answers = false
    for _ in 0..<SyncLimits.blobRequestsMax { peer.send(.blob(.request(blob, .block(0)))) }
    #expect(peer.ending == nil)
    peer.send(.blob(.request(blob, .block(0))))
    #expect(peer.closingCode == .violation)

    peer = Self.met(local)
    peer.send(.blob(.request(blob, .block(0))), .blob(.request(blob, .outline)), .blob(.request(blob, .block(3))))
    #expect(peer.frames.suffix(3).first == .blob(.block(blob, 0, [5, 6])))
    #expect(peer.frames.last == .blob(.lacks(blob)), "what is not there is said, and the session goes on")
  }
}
