public import AnabranchWire
internal import Synchronization

/// Something that happened on a connection, as it is told to those who look at it while it happens.
public struct WireNews: Hashable, Sendable {
  /// How many came before it that were dropped, since they were not read in time.
  public var missed: UInt64
  /// What happened; without contents, and with at most ``entriesMax`` entries in a list.
  public var entry: RecordingEntry

  /// Entries of a list that are told.
  public static let entriesMax = 64
}

/// Those who look at what crosses connections.
///
/// Each has a queue of its own. Who reads too slowly misses what comes while it is full, and is told how much that was; nobody waits.
final class WireFeed: Sendable {
  private struct Observer {
    var continuation: AsyncStream<WireNews>.Continuation
    var missed: UInt64 = 0

    mutating func tell(_ entry: RecordingEntry) {
      if case .dropped = continuation.yield(WireNews(missed: missed, entry: entry)) { missed &+= 1 } else { missed = 0 }
    }
  }

  private struct State {
    var next = 0
    var observers: [Int: Observer] = [:]
    var isFinished = false
  }

  private let queueMax: Int
  private let state = Mutex(State())

  /// A feed in whose queues so many wait at most.
  init(queueMax: Int) {
    self.queueMax = queueMax
  }

  /// Whether nobody looks.
  var isEmpty: Bool {
    state.withLock { $0.observers.isEmpty }
  }

  /// What happens from now on, behind `first`.
  func stream(after first: [RecordingEntry]) -> AsyncStream<WireNews> {
    AsyncStream(bufferingPolicy: .bufferingOldest(queueMax)) { continuation in
      let number = state.withLock { state in
        defer { state.next += 1 }
        var observer = Observer(continuation: continuation)
        for entry in first { observer.tell(entry) }
        guard !state.isFinished else {
          continuation.finish()
          return state.next
        }
        state.observers[state.next] = observer
        return state.next
      }
      continuation.onTermination = { [weak self] _ in
        _ = self?.state.withLock { $0.observers.removeValue(forKey: number) }
      }
    }
  }

  /// Tells everybody of `entry`.
  func send(_ entry: RecordingEntry) {
    state.withLock { state in
      for number in state.observers.keys { state.observers[number]?.tell(entry) }
    }
  }

  /// Ends all streams.
  func finish() {
    let observers = state.withLock { state in
      state.isFinished = true
      return Array(state.observers.values)
    }
    for observer in observers { observer.continuation.finish() }
  }
}
