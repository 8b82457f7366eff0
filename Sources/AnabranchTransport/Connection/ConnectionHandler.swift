internal import NIOCore

/// The end of a channel's pipeline: keeps what came until it is received, and counts what was not sent yet.
///
/// Confined to the channel's event loop. Reads from the system only while less than a limit is kept, so a sender
/// that is faster than the receiver has to wait.
final class ConnectionHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer
  typealias Received = Result<[UInt8]?, TransportError>

  private enum Phase {
    case open
    /// The other side sends nothing more.
    case inputEnded
    /// This side closes: what still comes is dropped.
    case closing
    case closed
  }

  private let place: String
  private var onActive: (() -> Void)?
  private var phase: Phase = .open
  private var failure: TransportError?
  private var context: ChannelHandlerContext?
  private var kept: [ByteBuffer] = []
  private var keptBytes = 0
  private var receiver: CheckedContinuation<Received, Never>?
  private var isReading = false
  private var unsentBytes = 0

  /// The handler of a connection with `place`, which calls `onActive` once it stands.
  init(place: String, onActive: (() -> Void)? = nil) {
    self.place = place
    self.onActive = onActive
  }

  // MARK: The channel's events

  func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
    if context.channel.isActive { read() }
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    self.context = nil
    end()
  }

  func channelActive(context: ChannelHandlerContext) {
    onActive?()
    onActive = nil
    read()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard phase == .open else { return }
    let buffer = unwrapInboundIn(data)
    keptBytes += buffer.readableBytes
    kept.append(buffer)
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    isReading = false
    deliver()
    read()
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if case ChannelEvent.inputClosed? = event as? ChannelEvent {
      if phase == .closing { return context.close(promise: nil) }
      if phase == .open { phase = .inputEnded }
      deliver()
    }
    context.fireUserInboundEventTriggered(event)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    fail(TransportError(brokenWith: place, error))
  }

  func channelInactive(context: ChannelHandlerContext) {
    end()
  }

  // MARK: Receiving

  /// Gives the next bytes to `continuation`: at once, or when some come.
  func receive(_ continuation: CheckedContinuation<Received, Never>) {
    precondition(receiver == nil, "one task at a time receives from a connection")
    receiver = continuation
    deliver()
    read()
  }

  /// Lets a waiting receiver go, with nothing.
  func cancelReceive() {
    receiver?.resume(returning: .success(nil))
    receiver = nil
  }

  private func deliver() {
    guard let receiver else { return }
    if !kept.isEmpty {
      var bytes: [UInt8] = []
      bytes.reserveCapacity(keptBytes)
      for buffer in kept { bytes.append(contentsOf: buffer.readableBytesView) }
      kept = []
      keptBytes = 0
      self.receiver = nil
      receiver.resume(returning: .success(bytes))
    } else if phase != .open {
      self.receiver = nil
      receiver.resume(returning: failure.map(Result.failure) ?? .success(nil))
    }
  }

  private func read() {
    guard let context, !isReading, phase == .open || phase == .closing,
      keptBytes < TransportLimits.inboundBytesMax
    else { return }
    isReading = true
    context.read()
  }

  // MARK: Sending

  /// Writes `bytes`. More than the limit unsent breaks the connection.
  func send(_ bytes: [UInt8], written promise: EventLoopPromise<Void>?) {
    guard let context, phase == .open || phase == .inputEnded else {
      promise?.fail(failure ?? TransportError(.closed, "the connection with \(place) is closed"))
      return
    }
    unsentBytes += bytes.count
    guard unsentBytes <= TransportLimits.outboundBytesMax else {
      let error = TransportError(
        .overflow, "expected \(place) to read, \(unsentBytes) bytes wait for it", remedy: "connect again")
      promise?.fail(error)
      return fail(error)
    }
    let written = context.eventLoop.makePromise(of: Void.self)
    let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
    written.futureResult.whenComplete { _ in bound.value.unsentBytes -= bytes.count }
    if let promise { written.futureResult.cascade(to: promise) }
    context.writeAndFlush(wrapOutboundOut(context.channel.allocator.buffer(bytes: bytes)), promise: written)
  }

  // MARK: Closing

  /// Writes what is left, ends the output, and closes once the other side has ended its own, or after a while.
  func close() {
    guard let context, phase == .open || phase == .inputEnded else { return }
    let hasPeerEnded = phase == .inputEnded
    phase = .closing
    kept = []
    keptBytes = 0
    deliver()
    let channel = context.channel
    channel.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(TransportLimits.closeMax)) {
      channel.close(promise: nil)
    }
    let flushed = context.eventLoop.makePromise(of: Void.self)
    flushed.futureResult.whenComplete { _ in
      // Closing with bytes unread would reset the connection, and the last frame might never arrive.
      channel.close(mode: hasPeerEnded ? .all : .output, promise: nil)
    }
    context.writeAndFlush(wrapOutboundOut(channel.allocator.buffer(capacity: 0)), promise: flushed)
    read()
  }

  /// Closes at once, whatever is unsent.
  func abort() {
    context?.close(promise: nil)
  }

  private func fail(_ error: TransportError) {
    if failure == nil, phase != .closing { failure = error }
    abort()
  }

  private func end() {
    if phase == .closed { return }
    phase = .closed
    deliver()
  }
}
