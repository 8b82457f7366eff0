/// How a connection with another device ended, or why none came about.
public struct ConnectionEnding: Hashable, Sendable {
  /// What kind of end it was.
  public enum Cause: String, Hashable, Sendable {
    /// Nobody listens there.
    case refused
    /// No answer came in time.
    case timeout
    /// No way leads there.
    case noRoute = "no-route"
    /// The name has no address.
    case unresolvable
    /// What answered closed the connection, or said something else, before it proved who it is: it is no replica, one of another
    /// history, or one that has no connection to spare.
    case unproven
    /// It proved to be a device that was removed, or another one than is to be met there: nothing was told to it.
    case stranger
    /// It closed the connection before it greeted this device: it may not know it, or not any more.
    case turnedAway = "turned-away"
    /// There is no version that both speak.
    case version
    /// It is this same device.
    case own
    /// The connection broke.
    case broken
    /// It ended in good order.
    case ended
    /// One of the two could not go on: the reason says why.
    case failed
  }

  /// What kind of end it was.
  public var cause: Cause
  /// One sentence; what the other side said may be in it.
  public var reason: String
  /// The other side's address.
  public var address: String
  /// Whether this device dialled; else the other one called.
  public var isDialled: Bool
  /// When it ended, by this device's wall clock, in milliseconds since 1970.
  public var time: Int64
}
