internal import NIOCore
internal import NIOPosix

/// Connects to listeners.
public enum Dialer {
  /// A connection to `endpoint`.
  ///
  /// Throws when there is none within `timeout`, saying whether the name is unknown, the connection was refused,
  /// or nobody answered.
  public static func connect(
    to endpoint: Endpoint, timeout: Duration = TransportLimits.connectMax
  ) async throws(TransportError) -> Connection {
    try await connect(to: "\(endpoint)", timeout: timeout) { bootstrap in
      bootstrap.channelOption(.tcpOption(.tcp_nodelay), value: 1)
        .connect(host: endpoint.host, port: Int(endpoint.port))
    }
  }

  /// A connection to `place` that `start` begins. Throws the reason.
  static func connect(
    to place: String, timeout: Duration,
    _ start: @Sendable (ClientBootstrap) -> EventLoopFuture<any Channel>
  ) async throws(TransportError) -> Connection {
    let bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .connectTimeout(TimeAmount(timeout))
      .channelOption(.autoRead, value: false)
      .channelOption(.allowRemoteHalfClosure, value: true)
      // From the beginning, and not once it is connected: the other side may have ended by then, which is told once.
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(ConnectionHandler(place: place))
        }
      }
    do {
      let channel = try await start(bootstrap).get()
      return try await channel.eventLoop.submit {
        let handler = try channel.pipeline.syncOperations.handler(type: ConnectionHandler.self)
        return Connection(peer: place, channel: channel, handler: handler)
      }.get()
    } catch {
      throw TransportError(connectingTo: place, error)
    }
  }
}
