internal import NIOCore
internal import NIOPosix
internal import Synchronization

/// What happens to connections that a listener takes: counted, refused or handed on.
final class Arrivals: Sendable {
  /// Who comes.
  struct Guest {
    /// What the limit by address goes by.
    var address: String
    /// The other side, in words.
    var place: String
  }

  private let admission: Mutex<Admission>
  private let arrived: @Sendable (Connection) -> Void

  init(admission: Admission, arrived: @escaping @Sendable (Connection) -> Void) {
    self.admission = Mutex(admission)
    self.arrived = arrived
  }

  /// A server's bootstrap that lets in whom `guest` tells of, as far as there is room; nil for nobody welcome.
  func bootstrap(guest: @escaping @Sendable (any Channel) -> Guest?) -> ServerBootstrap {
    ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .serverChannelOption(.backlog, value: Int32(TransportLimits.backlog))
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelOption(.autoRead, value: false)
      .childChannelOption(.allowRemoteHalfClosure, value: true)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture { try self.take(channel, guest: guest(channel)) }
      }
  }

  private func take(_ channel: any Channel, guest: Guest?) throws {
    guard let guest, admission.withLock({ $0.enter(guest.address) }) else {
      throw TransportError(.denied, "no room for one more connection")
    }
    channel.closeFuture.whenComplete { _ in
      self.admission.withLock { $0.leave(guest.address) }
    }
    // Handed on once it stands; the handler is told, since it is there only now.
    let announced = Mutex<Connection?>(nil)
    let handler = ConnectionHandler(place: guest.place) { [arrived] in
      if let connection = announced.withLock({ $0.take() }) { arrived(connection) }
    }
    let connection = Connection(peer: guest.place, channel: channel, handler: handler)
    announced.withLock { $0 = connection }
    try channel.pipeline.syncOperations.addHandler(handler)
  }
}
