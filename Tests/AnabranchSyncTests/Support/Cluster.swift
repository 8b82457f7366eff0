import AnabranchFakes
import AnabranchSync

/// Some replicas that can be connected, over whatever medium.
protocol Cluster {
  /// Adds a replica and returns its number.
  func add(_ replica: FakeReplica) async -> Int
  /// Connects two replicas; the first dials.
  func connect(_ a: Int, _ b: Int, _ modeA: SyncSession.Mode, _ modeB: SyncSession.Mode) async throws
  /// Writes messages at a replica.
  func write(_ replica: Int, messages: Int, bytes: Int) async
  /// Lets everything happen until the replicas hold the same, or nothing more can. Throws after too long.
  func settle() async throws
  /// The replica as it is now.
  func replica(_ number: Int) async -> FakeReplica
  /// How the sessions that ended did so, in any order.
  func endings() async throws -> [SyncEnding]
}

/// Nothing moves and the replicas differ, or it took too long.
struct NotSettled: Error {
  var reason: String
}
