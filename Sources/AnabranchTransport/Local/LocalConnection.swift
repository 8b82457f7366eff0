internal import Synchronization

/// Frames in order in both directions, between two programs of one user on one machine.
public final class LocalConnection: Sendable {
  private let connection: Connection
  private let framer: Mutex<LengthFramer>

  init(_ connection: Connection) {
    self.connection = connection
    framer = Mutex(LengthFramer(bytesMax: TransportLimits.localFrameBytesMax))
  }

  /// The next frame; nil once the other side has ended, or this one has closed, or the task is cancelled. One task
  /// at a time. Throws when the connection breaks, or ends within a frame, or a frame is above
  /// ``TransportLimits/localFrameBytesMax``.
  public func receive() async throws(TransportError) -> [UInt8]? {
    while true {
      if let frame = try next() { return frame }
      guard let bytes = try await connection.receive() else {
        if !Task.isCancelled, framer.withLock({ $0.isInFrame }) {
          throw TransportError(.broken, "expected the rest of a frame, the other side ended")
        }
        return nil
      }
      framer.withLock { $0.append(bytes) }
    }
  }

  private func next() throws(TransportError) -> [UInt8]? {
    let result = framer.withLock { framer in
      Result { () throws(TransportError) in try framer.next() }
    }
    return try result.get()
  }

  /// Sends `frame` and waits until the system has taken it. Throws when the connection breaks before, or the frame
  /// is above ``TransportLimits/localFrameBytesMax``.
  public func send(_ frame: [UInt8]) async throws(TransportError) {
    let framed = try LengthFramer(bytesMax: TransportLimits.localFrameBytesMax).framed(frame)
    // In pieces, so that a frame above the connection's own limit passes as well.
    for start in stride(from: 0, to: framed.count, by: TransportLimits.inboundBytesMax) {
      let end = min(start + TransportLimits.inboundBytesMax, framed.count)
      try await connection.sendAndWait(Array(framed[start..<end]))
    }
  }

  /// Writes what is left, then closes in good order.
  public func close() async {
    await connection.close()
  }
}
