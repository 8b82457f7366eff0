internal import NIOCore
internal import NIOPosix

/// Takes connections from programs of the same user on this machine; all others are closed without a word.
public final class LocalListener: Sendable {
  /// The connections as they come. Ends when the listener is closed.
  public let connections: AsyncStream<LocalConnection>
  private let channel: any Channel
  private let files: LocalFiles
  private let arrivals: AsyncStream<LocalConnection>.Continuation

  private init(
    channel: any Channel, files: LocalFiles, connections: AsyncStream<LocalConnection>,
    arrivals: AsyncStream<LocalConnection>.Continuation
  ) {
    self.channel = channel
    self.files = files
    self.connections = connections
    self.arrivals = arrivals
  }

  /// Listens on `socket`, whose folder was prepared.
  static func bind(to socket: LocalSocket, files: LocalFiles) async throws(TransportError) -> LocalListener {
    let (connections, arrivals) = AsyncStream.makeStream(of: LocalConnection.self)
    let admission = Admission(
      connectionsMax: TransportLimits.connectionsMax, perAddressMax: TransportLimits.connectionsMax)
    let bootstrap = Arrivals(admission: admission) { connection in
      if case .terminated = arrivals.yield(LocalConnection(connection)) { connection.abort() }
    }
    .bootstrap { channel in
      guard (try? PeerUser.check(channel)) != nil else { return nil }
      return Arrivals.Guest(address: "", place: socket.path)
    }
    let channel: any Channel
    do {
      channel = try await bootstrap.bind(unixDomainSocketPath: socket.path).get()
    } catch {
      arrivals.finish()
      throw TransportError(listeningOn: socket.path, error)
    }
    do throws(TransportError) {
      try files.restrictSocket()
    } catch {
      try? await channel.close().get()
      arrivals.finish()
      throw error
    }
    return LocalListener(channel: channel, files: files, connections: connections, arrivals: arrivals)
  }

  /// Takes no more connections and removes the socket. Those that came stay.
  public func close() async {
    try? await channel.close().get()
    try? files.removeSocket(ownsLock: true)
    arrivals.finish()
  }
}
