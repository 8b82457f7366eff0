internal import NIOCore

extension Endpoint {
  /// Where others reach who listens here: for one that listens on all of the machine's addresses each of these, those of
  /// IPv4 first, at most ``addressesMax``; this machine's own where it has no other.
  public var reachable: [Endpoint] {
    guard host == "0.0.0.0" || host == "::" else { return [self] }
    let devices = (try? System.enumerateDevices()) ?? []
    let found = devices.compactMap(\.address).filter { address in
      switch address {
      case .v4: true
      case .v6: host == "::"
      default: false
      }
    }.compactMap(\.ipAddress).map { Endpoint(host: $0, port: port) }
    // An address of one link alone means nothing without the link's name.
    let outside = found.filter {
      !$0.isLoopback && !$0.host.lowercased().hasPrefix("fe80:") && !$0.host.hasPrefix("169.254.")
    }
    let sorted = outside.filter { !$0.host.contains(":") } + outside.filter { $0.host.contains(":") }
    return sorted.isEmpty ? [Endpoint(host: "127.0.0.1", port: port)] : Array(sorted.prefix(Self.addressesMax))
  }

  /// More would make a code too long to carry.
  private static let addressesMax = 3
}
