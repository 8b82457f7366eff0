internal import NIOCore

/// Bytes in order in both directions, between two programs.
///
/// Knows nothing of frames. What comes is read only as fast as it is received; what is sent is kept until the
/// system takes it, up to ``TransportLimits/outboundBytesMax``, beyond which the connection breaks.
public final class Connection: Sendable {
  /// The other side, in words: its address and port.
  public let peer: String
  /// This machine's address that it leads from, in numbers; nil for one that leads over no network.
  public let localHost: String?
  private let channel: any Channel
  private let handler: NIOLoopBound<ConnectionHandler>

  /// The connection whose channel ends in `handler`; on the channel's event loop.
  init(peer: String, channel: any Channel, handler: ConnectionHandler) {
    self.peer = peer
    self.channel = channel
    // One of version 4 on a socket of version 6 is written within one of version 6.
    let host = channel.localAddress?.ipAddress
    localHost = host.map { $0.hasPrefix("::ffff:") && $0.contains(".") ? String($0.dropFirst(7)) : $0 }
    self.handler = NIOLoopBound(handler, eventLoop: channel.eventLoop)
  }

  private func run(_ body: @escaping @Sendable (ConnectionHandler) -> Void) {
    let handler = handler
    channel.eventLoop.execute { body(handler.value) }
  }

  /// The next bytes, as soon as there are some; nil once the other side has ended, or this one has closed, or the
  /// task is cancelled. The connection stays open for what this side still sends, until it is closed here too. One
  /// task at a time. Throws when the connection breaks; what came before is received first.
  public func receive() async throws(TransportError) -> [UInt8]? {
    let result = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        run { $0.receive(continuation) }
        // A task cancelled before it waited would not be told again.
        if Task.isCancelled { run { $0.cancelReceive() } }
      }
    } onCancel: {
      run { $0.cancelReceive() }
    }
    return try result.get()
  }

  /// Sends `bytes` without waiting, after all that was sent before. Does nothing once the connection is closed:
  /// ``receive()`` tells why.
  public func send(_ bytes: [UInt8]) {
    run { $0.send(bytes, written: nil) }
  }

  /// Sends `bytes` and waits until the system has taken them, so that a fast sender keeps to the pace of the other
  /// side. Throws when the connection breaks before.
  public func sendAndWait(_ bytes: [UInt8]) async throws(TransportError) {
    let promise = channel.eventLoop.makePromise(of: Void.self)
    run { $0.send(bytes, written: promise) }
    do {
      try await promise.futureResult.get()
    } catch {
      throw TransportError(brokenWith: peer, error)
    }
  }

  /// Writes what is left, then closes in good order. Returns when it is closed, after
  /// ``TransportLimits/closeMax`` at the latest. May be called again.
  public func close() async {
    startClosing()
    try? await channel.closeFuture.get()
  }

  /// Begins to close like ``close()``, and does not wait for it. What is sent afterwards is dropped.
  public func startClosing() {
    run { $0.close() }
  }

  /// Closes at once; what is unsent is lost.
  public func abort() {
    run { $0.abort() }
  }
}
