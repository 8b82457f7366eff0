public import AnabranchDiscovery
internal import NIOCore
internal import NIOPosix

#if canImport(Darwin)
  internal import Darwin
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Glibc
#endif

/// A socket in the group of multicast DNS, on one interface: RFC 6762, §3.
///
/// It shares the port with whoever else on this machine speaks multicast DNS, and takes nothing that is meant for them: it is
/// bound to the group's address, so only what was sent to the group on this link comes to it.
public final class MulticastSocket: Sendable {
  /// A version of the Internet Protocol.
  public enum Version: Sendable, CaseIterable {
    /// Version 4.
    case four
    /// Version 6.
    case six
  }

  /// What came, and from where.
  public struct Packet: Sendable {
    /// The payload.
    public let bytes: [UInt8]
    /// Who sent it.
    public let source: IPAddress
  }

  /// The port of multicast DNS.
  public static let port: UInt16 = 5353

  /// What comes; of packets that nobody reads only the latest are kept. Ends when the socket is closed, or breaks. One reader.
  public let packets: AsyncStream<Packet>
  private let channel: any Channel
  private let group: SocketAddress

  private init(channel: any Channel, group: SocketAddress, packets: AsyncStream<Packet>) {
    self.channel = channel
    self.group = group
    self.packets = packets
  }

  /// Joins the group on `interface`. Throws where the system does not allow it, or the interface has no address of that version.
  public static func open(on interface: NetworkInterface, _ version: Version) async throws(TransportError)
    -> MulticastSocket
  {
    do {
      return try await join(interface, version)
    } catch {
      let place = "multicast DNS, UDP port \(port) of \(interface.name)"
      if error is IOError || error is TransportError { throw TransportError(listeningOn: place, error) }
      throw TransportError(.system, "could not listen on \(place): \(error)")
    }
  }

  private static func join(_ interface: NetworkInterface, _ version: Version) async throws -> MulticastSocket {
    let devices = try System.enumerateDevices().filter { $0.interfaceIndex == interface.index }
    let device = devices.first { $0.address?.protocol == (version == .four ? .inet : .inet6) }
    guard let device else {
      throw TransportError(.unavailable, "\(interface.name) has no address of that version")
    }
    let group = try version.group(on: interface)
    let (packets, arrivals) = AsyncStream.makeStream(
      of: Packet.self, bufferingPolicy: .bufferingNewest(TransportLimits.packetsKept))
    let channel = try await DatagramBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .channelOption(.socketOption(.so_reuseaddr), value: 1)
      .channelOption(.socketOption(.init(rawValue: SO_REUSEPORT)), value: 1)
      .channelOption(
        .recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: DiscoveryLimits.messageBytesMax)
      )
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(
            PacketHandler(interface: interface.index, group: group, arrivals: arrivals))
        }
      }
      .bind(to: group).get()
    do {
      try await version.prepare(channel, on: device)
    } catch {
      try? await channel.close().get()
      throw error
    }
    return MulticastSocket(channel: channel, group: group, packets: packets)
  }

  /// Sends `bytes` to the group, and returns once the system has them, or does not take them: nobody is told, since whoever wants
  /// to be heard says it again anyway.
  public func send(_ bytes: [UInt8]) async {
    let envelope = AddressedEnvelope(remoteAddress: group, data: ByteBuffer(bytes: bytes))
    try? await channel.writeAndFlush(envelope).get()
  }

  /// Leaves the group.
  public func close() async {
    try? await channel.close().get()
  }
}

extension MulticastSocket.Version {
  /// The group of multicast DNS on that link.
  fileprivate func group(on interface: NetworkInterface) throws -> SocketAddress {
    switch self {
    case .four:
      return try SocketAddress(ipAddress: "224.0.0.251", port: Int(MulticastSocket.port))
    case .six:
      // An address of a link means something with the link's name alone.
      return try SocketAddress.makeAddressResolvingHost("ff02::fb%\(interface.name)", port: Int(MulticastSocket.port))
    }
  }

  /// Has a bound channel join its group on `device`, hear nothing else, and send there and nowhere else.
  fileprivate func prepare(_ channel: any Channel, on device: NIONetworkDevice) async throws {
    guard let options = channel as? any SocketOptionProvider, let multicast = channel as? any MulticastChannel,
      let group = channel.localAddress
    else { throw ChannelError.operationUnsupported }
    switch (self, device.address.flatMap(IPAddress.init)) {
    case (.four, .version4(let address)?):
      try await options.unsafeSetSocketOption(level: .ip, name: .ip_multicast_if, value: address.bigEndian).get()
      try await options.setIPMulticastTTL(255).get()
      #if os(Linux)
        // IP_MULTICAST_ALL of <linux/in.h>: nothing that other sockets joined on other interfaces.
        try await options.unsafeSetSocketOption(level: .ip, name: .init(rawValue: 49), value: CInt(0)).get()
      #endif
    case (.six, _):
      try await options.setIPv6MulticastIF(CUnsignedInt(device.interfaceIndex)).get()
      try await options.setIPv6MulticastHops(255).get()
      #if os(Linux)
        // IPV6_MULTICAST_ALL of <linux/in6.h>.
        try await options.unsafeSetSocketOption(level: .ipv6, name: .init(rawValue: 29), value: CInt(0)).get()
      #endif
    default:
      throw ChannelError.operationUnsupported
    }
    try await channel.setOption(.receivePacketInfo, value: true).get()
    try await multicast.joinGroup(group, device: device).get()
  }
}

/// Passes on what came to the group on one interface, from the group's port.
private final class PacketHandler: ChannelInboundHandler {
  typealias InboundIn = AddressedEnvelope<ByteBuffer>

  private let interface: Int
  private let group: SocketAddress
  private let arrivals: AsyncStream<MulticastSocket.Packet>.Continuation

  init(interface: Int, group: SocketAddress, arrivals: AsyncStream<MulticastSocket.Packet>.Continuation) {
    self.interface = interface
    self.group = group
    self.arrivals = arrivals
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let envelope = unwrapInboundIn(data)
    // What was sent to the group on this link has come from this link: no router passes it on (RFC 6762, §11).
    guard let info = envelope.metadata?.packetInfo, info.interfaceIndex == interface,
      IPAddress(info.destinationAddress) == IPAddress(group),
      envelope.remoteAddress.port == Int(MulticastSocket.port), let source = IPAddress(envelope.remoteAddress)
    else { return }
    arrivals.yield(MulticastSocket.Packet(bytes: Array(envelope.data.readableBytesView), source: source))
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    context.close(promise: nil)
  }

  func channelInactive(context: ChannelHandlerContext) {
    arrivals.finish()
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    arrivals.finish()
  }
}
