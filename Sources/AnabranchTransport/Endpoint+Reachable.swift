internal import NIOCore

extension Endpoint {
  /// Where others reach who listens here: for one that listens on all of the machine's addresses each of these, those of
  /// IPv4 first, at most ``addressesMax``; this machine's own where it has no other.
  public var reachable: [Endpoint] {
    guard host == "0.0.0.0" || host == "::" else { return [self] }
    let devices = (try? System.enumerateDevices()) ?? []
    let found = devices.compactMap { device -> (device: String, host: String)? in
      let isWanted =
        switch device.address {
        case .v4?: true
        case .v6?: host == "::"
        default: false
        }
      return isWanted ? device.address?.ipAddress.map { (device.name, $0) } : nil
    }
    let hosts = Self.reachable(found)
    return (hosts.isEmpty ? ["127.0.0.1"] : hosts).map { Endpoint(host: $0, port: port) }
  }

  /// Of the addresses of a machine's network devices those where others may reach it, the likeliest first: none that is the
  /// machine's own; those of bridges to its own containers and virtual machines last; those of IPv4 before IPv6.
  static func reachable(_ found: [(device: String, host: String)]) -> [String] {
    // An address of one link alone means nothing without the link's name.
    let outside = found.filter { found in
      !Endpoint(host: found.host, port: 0).isLoopback && !found.host.lowercased().hasPrefix("fe80:")
        && !found.host.hasPrefix("169.254.")
    }
    func weight(_ found: (device: String, host: String)) -> Int {
      (bridges.contains(where: found.device.hasPrefix) ? 2 : 0) + (found.host.contains(":") ? 1 : 0)
    }
    let sorted = outside.enumerated().sorted { (weight($0.element), $0.offset) < (weight($1.element), $1.offset) }
    return sorted.prefix(addressesMax).map(\.element.host)
  }

  /// What the names of such bridges begin with.
  static let bridges = ["docker", "br-", "veth", "virbr"]

  /// More would make a code too long to carry.
  private static let addressesMax = 3
}
