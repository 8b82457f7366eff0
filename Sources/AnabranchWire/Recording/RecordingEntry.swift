public import AnabranchCore

/// One entry of a recording: something that happened on a connection, and when.
public struct RecordingEntry: Hashable, Sendable {
  /// What happened.
  public enum Event: Hashable, Sendable {
    /// Recording began, at that time of the wall clock. All connections of before have ended, whether that was recorded or not.
    case started(wall: Int64, hasContents: Bool)
    /// A connection came to stand.
    case began(Beginning)
    /// The other side has proved to be that device, which this one knows by that name; none where it does not know it.
    case proved(device: Digest, name: String)
    /// A frame crossed it.
    case frame(RecordedFrame)
    /// What was said on it has come to its end.
    case ended(Ending)
    /// Recording ended in good order.
    case stopped
  }

  /// How a connection came to stand.
  public struct Beginning: Hashable, Sendable {
    /// The wall clock's reading, in milliseconds since 1970.
    public var wall: Int64
    /// Whether this side dialled.
    public var isDialled: Bool
    /// Where the other side is.
    public var address: String

    /// A connection with `address`.
    public init(wall: Int64, isDialled: Bool, address: String) {
      (self.wall, self.isDialled, self.address) = (wall, isDialled, address)
    }
  }

  /// How it ended.
  public struct Ending: Hashable, Sendable {
    /// Who ended it.
    public enum Origin: UInt8, Hashable, Sendable {
      /// Nobody yet: it was given up here, or recording ended before.
      case nobody = 0
      /// This side.
      case here = 1
      /// The other side, by its last frame.
      case peer = 2
      /// Neither: the connection broke.
      case connection = 3
    }

    /// Who ended it.
    public var origin: Origin
    /// The last frame, or what it would have said; nil for a connection that broke.
    public var closing: Closing?
    /// Bytes out and in, the handshake and the encryption included.
    public var (sentBytes, receivedBytes): (UInt64, UInt64)

    /// An end by `origin`.
    public init(_ origin: Origin, _ closing: Closing?, sentBytes: UInt64, receivedBytes: UInt64) {
      (self.origin, self.closing) = (origin, closing)
      (self.sentBytes, self.receivedBytes) = (sentBytes, receivedBytes)
    }
  }

  /// When, in microseconds on a clock that never goes back. Where that begins means nothing, and is another after each ``Event/started(wall:hasContents:)``.
  public var uptime: UInt64
  /// The connection's number, each once after a ``Event/started(wall:hasContents:)``; 0 for what is of none.
  public var connection: UInt64
  /// What happened.
  public var event: Event

  /// `event`, on `connection` at `uptime`.
  public init(uptime: UInt64, connection: UInt64, _ event: Event) {
    (self.uptime, self.connection, self.event) = (uptime, connection, event)
  }
}
