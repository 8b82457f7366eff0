import AnabranchFakes
import AnabranchSync

/// A cluster in memory.
actor MemoryCluster: Cluster {
  private var world: World

  init(seed: UInt64 = 1, fragmentMax: Int) {
    world = World(seed: seed, fragmentMax: fragmentMax)
  }

  func add(_ replica: FakeReplica) -> Int {
    world.add(replica)
  }

  func connect(_ a: Int, _ b: Int, _ modeA: SyncSession.Mode, _ modeB: SyncSession.Mode) {
    world.connect(a, b, modeA, modeB)
  }

  func write(_ replica: Int, messages: Int, bytes: Int) {
    for _ in 0..<messages { world.write(replica, bytes: bytes) }
  }

  func settle() throws {
    try world.settle()
  }

  func replica(_ number: Int) -> FakeReplica {
    world.replicas[number]
  }

  func endings() throws -> [SyncEnding] {
    try world.settle()
    return world.ends.compactMap(\.ending)
  }
}
