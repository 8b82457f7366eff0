import AnabranchCore
import AnabranchFakes
import AnabranchSync
import AnabranchWire
import Testing

@Suite struct ExchangeTests {
  private static func world(_ modeA: SyncSession.Mode, _ modeB: SyncSession.Mode, messages: Int) throws
    -> World
  {
    var world = World(seed: 3, fragmentMax: 100)
    for number in 1...2 {
      var replica = FakeReplica(UInt64(number))
      for _ in 0..<messages { replica.write() }
      _ = world.add(replica)
    }
    world.connect(0, 1, modeA, modeB)
    try world.settle()
    return world
  }

  @Test(arguments: [
    (SyncSession.Mode.exchange, SyncSession.Mode.exchange), (.exchange, .live), (.live, .exchange),
  ])
  func anExchangeEndsOnceBothAreDone(modes: (SyncSession.Mode, SyncSession.Mode)) throws {
    for messages in [0, 1, 30] {
      let world = try Self.world(modes.0, modes.1, messages: messages)
      #expect(world.hasConverged)
      for end in world.ends {
        #expect(end.ending?.isDone == true)
        #expect(end.reports.contains(.caughtUp))
        #expect(end.session.progress.sentChanges == UInt64(messages))
        #expect(end.session.progress.receivedChanges == UInt64(messages))
        // Both know that the other has all.
        #expect(end.peerHas == world.replicas[0].vector)
      }
      #expect(world.ends[0].session.progress.sentBytes == world.ends[1].session.progress.receivedBytes)
      #expect(world.ends[1].session.progress.sentBytes == world.ends[0].session.progress.receivedBytes)
    }
  }

  @Test func twoLiveSessionsStay() throws {
    var world = try Self.world(.live, .live, messages: 3)
    #expect(world.ends.allSatisfy { $0.ending == nil })
    try world.pass(.seconds(600))
    #expect(world.ends.allSatisfy { $0.ending == nil })
  }

  @Test func aLiveSessionCanBeFinished() throws {
    var world = try Self.world(.live, .live, messages: 3)
    world.tell(0, .finish)
    try world.settle()
    #expect(world.ends[0].ending?.closing?.code == Closing.Code.shutdown.rawValue)
    #expect(world.ends[0].ending?.origin == .here)
    #expect(world.ends[1].ending?.closing?.code == Closing.Code.shutdown.rawValue)
    #expect(world.ends[1].ending?.origin == .peer)
  }

  /// Finishing in the midst waits for the batch that is being stored, acknowledges it, and takes no more.
  @Test(arguments: 0..<60) func finishingAtAnyMomentLosesNothing(steps: Int) throws {
    var world = World(seed: UInt64(steps), fragmentMax: 400)
    for number in 1...2 {
      var replica = FakeReplica(UInt64(number))
      for _ in 0..<20 { replica.write() }
      _ = world.add(replica)
    }
    world.connect(0, 1)
    for _ in 0..<steps { _ = world.step() }
    world.tell(0, .finish)
    try world.settle()
    try world.pass(.seconds(3))
    for end in world.ends {
      #expect(end.ending != nil)
      #expect(end.ending?.closing?.code != Closing.Code.violation.rawValue)
    }
    world.connect(0, 1, .exchange, .exchange)
    try world.settle()
    #expect(world.hasConverged)
  }

  @Test func aLargeHistoryNeedsOneRoundTripAndGoesInBatches() throws {
    var world = World(seed: 5, fragmentMax: 1 << 20)
    var writer = FakeReplica(1)
    for _ in 0..<600 { writer.write(bytes: 20_000) }
    _ = world.add(writer)
    _ = world.add(FakeReplica(2))
    world.connect(0, 1, .exchange, .exchange)
    try world.settle()
    #expect(world.hasConverged)
    let batches = world.ends[0].watch.frames.filter { if case .changes = $0 { true } else { false } }
    #expect(batches.count > 40)
    #expect(batches.allSatisfy { $0.canonicalBytes.count <= SyncLimits.batchBytes + 1024 })
    // 12 MB through a window of 4 MiB: room was given back, in quarters of it.
    let credits = world.ends[1].watch.frames.filter { if case .credit = $0 { true } else { false } }
    #expect((5...12).contains(credits.count))
    let announcements = world.ends[0].watch.frames.filter { if case .logs = $0 { true } else { false } }
    #expect(announcements.count == 1)
  }

  /// The largest change is sent although it is above a batch.
  @Test func aLargeChangeTravelsAlone() throws {
    var world = World(seed: 5, fragmentMax: 1 << 20)
    var writer = FakeReplica(1)
    for _ in 0..<40 { writer.write(bytes: Limits.contentBytesMax) }
    _ = world.add(writer)
    _ = world.add(FakeReplica(2))
    world.connect(0, 1, .exchange, .live)
    try world.settle()
    #expect(world.hasConverged)
    #expect(world.ends[0].ending?.isDone == true)
  }
}
