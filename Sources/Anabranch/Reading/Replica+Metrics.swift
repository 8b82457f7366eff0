public import AnabranchCore
internal import AnabranchStore
internal import Foundation

/// A replica in numbers, for who watches over many or for long. Nothing in it says what anybody wrote.
public struct ReplicaMetrics: Hashable, Sendable {
  /// What is known of another device.
  public struct Peer: Hashable, Sendable {
    /// Its public key.
    public var device: Digest
    /// Changes held here that it is not known to hold.
    public var lacks: UInt64
    /// When it was last met, in milliseconds since 1970.
    public var contact: Int64
  }

  /// What went over connections since the replica was opened.
  public var traffic = Traffic()
  /// Connections that stand, and those of them that are sessions with members.
  public var (connections, sessions): (Int, Int) = (0, 0)
  /// Logs, and the changes held of all of them.
  public var (logs, changes): (Int, UInt64) = (0, 0)
  /// Changes that wait for their authors' signatures before they are passed on.
  public var unproved: UInt64 = 0
  /// Changes that the search's index does not cover yet.
  public var unindexed: UInt64 = 0
  /// Bytes of the database, and of its write-ahead log.
  public var (databaseBytes, journalBytes): (UInt64, UInt64) = (0, 0)
  /// The devices it has met.
  public var peers: [Peer] = []
}

extension Replica {
  /// This replica in numbers. O(logs · peers), whatever the history.
  public func metrics() throws(AnabranchError) -> ReplicaMetrics {
    var metrics = ReplicaMetrics()
    metrics.traffic = traffic
    for link in links.values { metrics.traffic.add(link) }
    metrics.connections = links.count
    metrics.sessions = links.values.count { $0.session != nil }
    metrics.databaseBytes = Self.bytes(of: home.database)
    metrics.journalBytes = Self.bytes(of: home.database + "-wal")
    try withStore { (store) throws(StoreError) in
      let vector = store.vector
      metrics.logs = vector.count
      metrics.changes = vector.changes
      metrics.unproved = store.unproved
      metrics.unindexed = try store.unindexed()
      metrics.peers = try store.peers().map {
        ReplicaMetrics.Peer(device: $0.device, lacks: vector.changes(missingFrom: $0.vector), contact: $0.contact)
      }
    }
    return metrics
  }

  /// How long a file is; 0 where there is none.
  private static func bytes(of file: String) -> UInt64 {
    let attributes = try? FileManager.default.attributesOfItem(atPath: file)
    return (attributes?[.size] as? NSNumber)?.uint64Value ?? 0
  }
}
