/// Something that is said of a name, of the class Internet (RFC 1035, §3.2).
///
/// Knows the types that services are described by. Of all others it keeps the bytes.
public struct DNSRecord: Hashable, Sendable {
  /// What it is about.
  public var name: DomainName
  /// Whether it takes the place of all that was said of that name and type before (RFC 6762, §10.2).
  public var isFlush: Bool
  /// How long it holds, in seconds; 0 takes it back.
  public var timeToLive: UInt32
  /// What it says.
  public var content: Content

  /// What is said of a name.
  public enum Content: Hashable, Sendable {
    /// `PTR`: another name.
    case pointer(DomainName)
    /// `SRV`: where a service is to be had (RFC 2782).
    case service(priority: UInt16, weight: UInt16, port: UInt16, target: DomainName)
    /// `TXT`: strings, which for a service are `KEY=VALUE` (RFC 6763, §6).
    case text([[UInt8]])
    /// `A` or `AAAA`.
    case address(IPAddress)
    /// Another type, unread.
    case other(type: UInt16, bytes: [UInt8])
  }

  /// A record that says `content` of `name`.
  public init(_ name: DomainName, _ content: Content, timeToLive: UInt32, isFlush: Bool) {
    self.name = name
    self.content = content
    self.timeToLive = timeToLive
    self.isFlush = isFlush
  }
}

/// Numbers of types and classes.
enum DNSNumbers {
  static let address4: UInt16 = 1
  static let pointer: UInt16 = 12
  static let text: UInt16 = 16
  static let address6: UInt16 = 28
  static let service: UInt16 = 33
  /// In a question: every type.
  static let any: UInt16 = 255
  /// The class Internet.
  static let internet: UInt16 = 1
  /// The highest bit of a class: in a record ``DNSRecord/isFlush``, in a question ``DNSQuestion/wantsUnicast``.
  static let topBit: UInt16 = 0x8000
}
