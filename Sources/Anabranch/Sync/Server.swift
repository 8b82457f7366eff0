internal import AnabranchTransport

/// A replica that listens, dials, and pushes whatever is new.
public final class Server: Sendable {
  /// Where it listens, with the port that was chosen.
  public let address: String
  /// What happens, from the start on. One reader.
  public let events: AsyncStream<SyncEvent>
  private let work: Task<Void, Never>

  init(address: String, events: AsyncStream<SyncEvent>, work: Task<Void, Never>) {
    self.address = address
    self.events = events
    self.work = work
  }

  /// Ends every session in good order, and returns when all are ended.
  public func stop() async {
    work.cancel()
    await work.value
  }
}
