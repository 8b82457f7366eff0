/// How far a session is. Counts start at 0 with the connection.
public struct SyncProgress: Hashable, Sendable {
  /// Changes put on the connection.
  public var sentChanges: UInt64 = 0
  /// Changes that came and are durable here, those that another peer had brought already included.
  public var receivedChanges: UInt64 = 0
  /// Bytes put on the connection, frames of all kinds.
  public var sentBytes: UInt64 = 0
  /// Bytes that came, frames of all kinds.
  public var receivedBytes: UInt64 = 0
  /// Changes held here that the peer lacks and that were not sent yet.
  public var changesToSend: UInt64 = 0
  /// Changes the peer held when it greeted that are not here yet.
  public var changesToReceive: UInt64 = 0

  /// A session that has not begun.
  public init() {}
}
