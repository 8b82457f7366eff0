internal import NIOCore
internal import NIOPosix
internal import Synchronization

/// Takes connections from others.
///
/// One that is above a limit is closed without a word. Whoever uses it reads ``connections`` until it ends.
public final class Listener: Sendable {
  /// Where it listens, with the port that the system gave it.
  public let endpoint: Endpoint
  /// The connections as they come. Ends when the listener is closed.
  public let connections: AsyncStream<Connection>
  private let channel: any Channel
  private let arrivals: AsyncStream<Connection>.Continuation

  private init(
    endpoint: Endpoint, channel: any Channel, connections: AsyncStream<Connection>,
    arrivals: AsyncStream<Connection>.Continuation
  ) {
    self.endpoint = endpoint
    self.channel = channel
    self.connections = connections
    self.arrivals = arrivals
  }

  /// Listens on `endpoint`; port 0 lets the system choose.
  ///
  /// Throws when the address is taken, is not this machine's, or is not allowed.
  public static func bind(
    to endpoint: Endpoint, connectionsMax: Int = TransportLimits.connectionsMax,
    perAddressMax: Int = TransportLimits.connectionsPerAddressMax
  ) async throws(TransportError) -> Listener {
    let (connections, arrivals) = AsyncStream.makeStream(of: Connection.self)
    let admission = Admission(connectionsMax: connectionsMax, perAddressMax: perAddressMax)
    let bootstrap = Arrivals(admission: admission) { connection in
      // Nobody takes connections any more: whoever did was cancelled.
      if case .terminated = arrivals.yield(connection) { connection.abort() }
    }
    .bootstrap { channel in
      guard let address = channel.remoteAddress else { return nil }
      return Arrivals.Guest(
        address: address.ipAddress ?? "", place: Endpoint(address)?.description ?? "\(address)")
    }
    .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
    do {
      let channel = try await bootstrap.bind(host: endpoint.host, port: Int(endpoint.port)).get()
      let actual = channel.localAddress.flatMap(Endpoint.init) ?? endpoint
      return Listener(endpoint: actual, channel: channel, connections: connections, arrivals: arrivals)
    } catch {
      arrivals.finish()
      throw TransportError(listeningOn: "\(endpoint)", error)
    }
  }

  /// Takes no more connections. Those that came stay.
  public func close() async {
    try? await channel.close().get()
    arrivals.finish()
  }
}

extension Endpoint {
  /// The place of a socket's address; nil for one that is not on the network.
  init?(_ address: SocketAddress) {
    guard let host = address.ipAddress, let port = address.port, let port = UInt16(exactly: port) else {
      return nil
    }
    self.init(host: host, port: port)
  }
}
