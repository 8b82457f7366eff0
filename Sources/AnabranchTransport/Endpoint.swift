/// A place on the network: `HOST:PORT`, or `[IPV6]:PORT`.
public struct Endpoint: Hashable, Sendable {
  /// A name or an address in numbers, without brackets.
  public let host: String
  /// The port; 0 lets the system choose one to listen on.
  public let port: UInt16

  /// The port `port` of `host`.
  public init(host: String, port: UInt16) {
    self.host = host
    self.port = port
  }

  /// Bytes of the longest name there is (RFC 1035, §2.3.4).
  private static let hostBytesMax = 255

  /// Reads `HOST:PORT` or `[IPV6]:PORT`. Throws with a remedy for anything else.
  public init(parsing text: some StringProtocol) throws(TransportError) {
    let text = String(text)
    let host: Substring
    let rest: Substring
    if text.hasPrefix("[") {
      guard let end = text.firstIndex(of: "]") else { throw Self.unreadable(text) }
      host = text[text.index(after: text.startIndex)..<end]
      rest = text[text.index(after: end)...]
      guard host.contains(":") else { throw Self.unreadable(text) }
    } else {
      guard let colon = text.lastIndex(of: ":") else { throw Self.unreadable(text) }
      host = text[..<colon]
      rest = text[colon...]
      guard !host.contains(":") else { throw Self.unreadable(text) }
    }
    let digits = rest.dropFirst()
    guard rest.first == ":", !digits.isEmpty, digits.utf8.allSatisfy({ (48...57).contains($0) }),
      let port = UInt16(digits), !host.isEmpty, host.utf8.count <= Self.hostBytesMax,
      host.utf8.allSatisfy({ $0 > 32 && $0 < 127 && $0 != UInt8(ascii: "[") && $0 != UInt8(ascii: "]") })
    else { throw Self.unreadable(text) }
    self.init(host: String(host), port: port)
  }

  private static func unreadable(_ text: String) -> TransportError {
    TransportError(
      .address, "expected HOST:PORT, got \(text.prefix(100))",
      remedy: "write it like 192.168.1.20:4850 or [::1]:4850, with a port from 0 to 65535")
  }

  /// Whether only this machine can reach it: 127.0.0.0/8, ::1, or `localhost`.
  public var isLoopback: Bool {
    if host == "::1" || host.lowercased() == "localhost" { return true }
    let parts = host.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4 && parts.allSatisfy { UInt8($0) != nil } && parts[0] == "127"
  }
}

extension Endpoint: CustomStringConvertible {
  /// As ``init(parsing:)`` reads it.
  public var description: String {
    host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
  }
}
