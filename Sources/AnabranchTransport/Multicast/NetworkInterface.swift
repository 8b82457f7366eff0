public import AnabranchDiscovery
internal import NIOCore

/// An interface of this machine to a network on which others may be found.
public struct NetworkInterface: Hashable, Sendable {
  /// What the system calls it.
  public let name: String
  /// The system's number for it.
  public let index: Int
  /// Its addresses, those of version 4 first.
  public let addresses: [InterfaceAddress]

  /// The interfaces by which a group can be reached, by number, at most ``TransportLimits/interfacesMax``: none that leads to the
  /// machine itself, to one other machine, or to containers and virtual machines of its own.
  ///
  /// Throws where the system does not tell.
  public static func all() throws(TransportError) -> [NetworkInterface] {
    let found = try devices().compactMap { device -> (NIONetworkDevice, InterfaceAddress)? in
      guard device.multicastSupported, device.pointToPointDestinationAddress == nil,
        !Endpoint.bridges.contains(where: device.name.hasPrefix),
        let address = device.address.flatMap(IPAddress.init), device.address?.isLoopback == false
      else { return nil }
      let mask = device.netmask.flatMap(IPAddress.init)?.bytes ?? []
      return (device, InterfaceAddress(address, prefixBits: mask.reduce(0) { $0 + $1.nonzeroBitCount }))
    }
    let numbers = Set(found.map(\.0.interfaceIndex)).sorted().prefix(TransportLimits.interfacesMax)
    return numbers.compactMap { index in
      let here = found.filter { $0.0.interfaceIndex == index }
      let addresses = here.map(\.1)
      return here.first.map {
        NetworkInterface(
          name: $0.0.name, index: index,
          addresses: addresses.filter(\.address.isVersion4) + addresses.filter { !$0.address.isVersion4 })
      }
    }
  }

  /// All addresses of this machine, in numbers, as ``Connection/localHost`` has them.
  ///
  /// Throws where the system does not tell.
  public static func hosts() throws(TransportError) -> Set<String> {
    Set(try devices().compactMap { $0.address?.ipAddress })
  }

  private static func devices() throws(TransportError) -> [NIONetworkDevice] {
    do {
      return try System.enumerateDevices()
    } catch {
      throw TransportError(.system, "could not list this machine's networks: \(error)")
    }
  }

  /// At which of its addresses others reach who listens at `endpoint`.
  public func addresses(reaching endpoint: Endpoint) -> [IPAddress] {
    let all = addresses.map(\.address)
    switch endpoint.host {
    case "0.0.0.0": return all.filter(\.isVersion4)
    case "::": return all
    default:
      let only = (try? SocketAddress(ipAddress: endpoint.host, port: 0)).flatMap(IPAddress.init)
      return all.filter { $0 == only }
    }
  }
}

extension Endpoint {
  /// The port `port` of an address that was heard of on `interface`.
  public init(_ address: IPAddress, port: UInt16, on interface: NetworkInterface) {
    let packed = try? SocketAddress(packedIPAddress: ByteBuffer(bytes: address.bytes), port: 0)
    let host = packed?.ipAddress ?? ""
    self.init(host: address.isOfLink ? "\(host)%\(interface.name)" : host, port: port)
  }
}

extension IPAddress {
  /// The address in that of a socket; nil where it has none.
  init?(_ address: SocketAddress) {
    // Where it lies in `sockaddr_in` and in `sockaddr_in6`, on every system: behind family, port and, in the latter, flow.
    let place: Range<Int>
    switch address.protocol {
    case .inet: place = 4..<8
    case .inet6: place = 8..<24
    default: return nil
    }
    let bytes = address.withSockAddr { pointer, size in
      Array(UnsafeRawBufferPointer(start: pointer, count: size))
    }
    guard bytes.count >= place.upperBound else { return nil }
    self.init(bytes[place])
  }
}

extension SocketAddress {
  /// Whether it is the machine's own.
  fileprivate var isLoopback: Bool {
    Endpoint(host: ipAddress ?? "", port: 0).isLoopback
  }
}
