import AnabranchCore
import AnabranchFakes
import AnabranchSync
import Testing

/// What must come out the same whatever lies between the replicas.
@Suite struct ClusterTests {
  enum Medium: CaseIterable {
    /// In memory, in pieces of up to 64 KiB.
    case memory
    /// In memory, byte by byte.
    case dripped
    /// Over TCP on this machine.
    case tcp

    func cluster() -> any Cluster {
      switch self {
      case .memory: MemoryCluster(fragmentMax: 65_536)
      case .dripped: MemoryCluster(fragmentMax: 1)
      case .tcp: TCPCluster()
      }
    }
  }

  /// Replicas with `messages` messages each.
  private static func cluster(_ medium: Medium, replicas: Int, messages: Int) async -> any Cluster {
    let cluster = medium.cluster()
    for number in 0..<replicas {
      var replica = FakeReplica(UInt64(number) + 1)
      for _ in 0..<messages { replica.write(bytes: 100) }
      _ = await cluster.add(replica)
    }
    return cluster
  }

  private static func expectEqual(_ cluster: any Cluster, replicas: Int, changes: UInt64) async {
    let first = await cluster.replica(0)
    #expect(first.vector.changes == changes)
    for number in 1..<replicas {
      let other = await cluster.replica(number)
      #expect(other.contents == first.contents)
    }
  }

  @Test(arguments: Medium.allCases) func anExchangeMergesAndEnds(medium: Medium) async throws {
    let cluster = await Self.cluster(medium, replicas: 2, messages: 40)
    try await cluster.connect(0, 1, .exchange, .exchange)
    let endings = try await cluster.endings()
    #expect(endings.map(\.isDone) == [true, true])
    await Self.expectEqual(cluster, replicas: 2, changes: 80)
  }

  @Test(arguments: Medium.allCases) func anExchangeWithALiveSideEnds(medium: Medium) async throws {
    let cluster = await Self.cluster(medium, replicas: 2, messages: 7)
    try await cluster.connect(0, 1, .live, .exchange)
    #expect(try await cluster.endings().map(\.isDone) == [true, true])
    await Self.expectEqual(cluster, replicas: 2, changes: 14)
  }

  @Test(arguments: Medium.allCases) func liveChangesTravelThroughAThird(medium: Medium) async throws {
    let cluster = await Self.cluster(medium, replicas: 3, messages: 10)
    try await cluster.connect(0, 1, .live, .live)
    try await cluster.connect(1, 2, .live, .live)
    try await cluster.settle()
    await Self.expectEqual(cluster, replicas: 3, changes: 30)
    for round in 0..<30 {
      await cluster.write(round % 3, messages: 1, bytes: 384)
      if round % 10 == 0 { try await cluster.settle() }
    }
    try await cluster.settle()
    await Self.expectEqual(cluster, replicas: 3, changes: 60)
  }

  @Test(arguments: Medium.allCases) func aTriangleConverges(medium: Medium) async throws {
    let cluster = await Self.cluster(medium, replicas: 3, messages: 10)
    try await cluster.connect(0, 1, .live, .live)
    try await cluster.connect(1, 2, .live, .live)
    try await cluster.connect(2, 0, .live, .live)
    await cluster.write(0, messages: 5, bytes: 50)
    await cluster.write(2, messages: 5, bytes: 50)
    try await cluster.settle()
    await Self.expectEqual(cluster, replicas: 3, changes: 40)
  }

  @Test(arguments: [Medium.memory, .tcp]) func megabytesGoThroughTheWindow(medium: Medium) async throws {
    let cluster = await Self.cluster(medium, replicas: 2, messages: 1)
    await cluster.write(0, messages: 300, bytes: 30_000)
    try await cluster.connect(0, 1, .exchange, .live)
    #expect(try await cluster.endings().map(\.isDone) == [true, true])
    await Self.expectEqual(cluster, replicas: 2, changes: 302)
  }
}
