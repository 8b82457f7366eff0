/// Every number of the transport, in one place.
public enum TransportLimits {
  /// A dialler gives up after this long.
  public static let connectMax: Duration = .seconds(10)
  /// How long a closing connection may take to write what is left and to hear the other side close.
  public static let closeMax: Duration = .seconds(2)
  /// Bytes that came and were not received yet; above it nothing more is read, and the sender has to wait.
  /// One read, of about 1 MiB at most, can go beyond it; and once the other side has ended, what the system has kept.
  public static let inboundBytesMax = 256 * 1024
  /// Bytes that were sent and the system has not taken yet; above it the other side is taken for one that does not
  /// read. Twice the window of a session and 16 parts of blobs of half a MiB, so that no peer that keeps to its credit comes
  /// near it.
  public static let outboundBytesMax = 16 << 20
  /// Connections a listener has at once.
  public static let connectionsMax = 256
  /// Connections a listener has at once from one address: several devices behind one router, and room to reconnect.
  public static let connectionsPerAddressMax = 16
  /// Connections waiting to be taken from the system.
  public static let backlog = 64
  /// Bytes of one frame on a local socket, its length field apart: a text of 8 MiB in JSON, which may write each byte
  /// as an escape of six, and room for what stands beside it.
  public static let localFrameBytesMax = 64 << 20
  /// Bytes of a local socket's path: 104 on macOS, 108 on Linux, the zero byte at the end included; the smaller.
  public static let localPathBytesMax = 103
  /// Interfaces on which others are looked for.
  public static let interfacesMax = 8
  /// Packets of multicast DNS that wait to be read, of each interface and version; above it the oldest go.
  public static let packetsKept = 64
}
