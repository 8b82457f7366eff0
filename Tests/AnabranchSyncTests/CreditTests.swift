import AnabranchCore
import AnabranchFakes
import AnabranchSync
import AnabranchWire
import SeededRandom
import Testing

@Suite struct CreditTests {
  /// Bytes of `changes` frames the session has sent.
  private static func used(_ peer: ScriptedPeer) -> Int {
    peer.frames.reduce(0) { sum, frame in
      if case .changes = frame { sum + frame.canonicalBytes.count } else { sum }
    }
  }

  private static func sentChanges(_ peer: ScriptedPeer) -> Int {
    peer.frames.reduce(0) { sum, frame in
      guard case .changes(let batch) = frame else { return sum }
      return sum + batch.runs.reduce(0) { $0 + $1.changes.count }
    }
  }

  /// A receiver that gives back little by little is never sent more than it gave.
  @Test(arguments: [200_000, 61_000, 300]) func noByteIsSentWithoutCredit(messageBytes: Int) {
    var writer = FakeReplica(1)
    let messages = 4_000_000 / messageBytes
    for _ in 0..<messages { writer.write(bytes: messageBytes) }
    var peer = ScriptedPeer(writer)
    var granted = SyncLimits.creditMin
    peer.send(ScriptedPeer.hello(FakeReplica(2), credit: UInt32(granted)), .have([]))
    // A frame that is ready may have to wait for lack of a few bytes, so as much as a batch stays unused.
    #expect(Self.used(peer) <= granted)
    #expect(Self.used(peer) > granted - SyncLimits.batchBytes - messageBytes)
    var generator = RandomStream(seed: UInt64(messageBytes))
    while Self.sentChanges(peer) < messages, granted < 8 << 20 {
      let more = 1 + generator.below(100_000)
      granted += more
      peer.send(.credit(UInt32(more)))
      #expect(Self.used(peer) <= granted)
    }
    #expect(Self.sentChanges(peer) == messages)
    peer.send(.credit(1_000))
    #expect(peer.frames.last == .changes(ChangeBatch(runs: [])))
    #expect(peer.ending == nil)
  }

  /// What is said to cost credit is what a frame has of bytes.
  @Test func theWatchCountsAsTheSessionDoes() throws {
    var world = World(seed: 2, fragmentMax: 100_000)
    var writer = FakeReplica(1)
    for size in [1, 100, 127, 128, 16_000, 16_384, 200_000] { writer.write(bytes: size) }
    _ = world.add(writer)
    _ = world.add(FakeReplica(2))
    world.connect(0, 1, .exchange, .exchange)
    try world.settle()
    #expect(world.hasConverged)
    #expect(world.ends[0].watch.used > 232_000)
  }
}
