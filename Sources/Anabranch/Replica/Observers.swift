public import AnabranchCore
internal import Synchronization

/// What happened to the history.
public struct ReplicaChange: Hashable, Sendable {
  /// The conversations that are not as they were.
  public var conversations: Set<ObjectID>
  /// Whether it came from another device.
  public var isRemote: Bool
}

/// Those who want to be told of something.
///
/// Each has a stream of its own that holds what was not read yet; who falls behind by more than the buffer misses
/// the oldest, and so should read again what it shows rather than count.
final class Observers<News: Sendable>: Sendable {
  private struct State {
    var next = 0
    var continuations: [Int: AsyncStream<News>.Continuation] = [:]
  }

  /// News that one slow observer may leave unread.
  private let bufferMax: Int
  private let state = Mutex(State())

  init(bufferMax: Int) {
    self.bufferMax = bufferMax
  }

  /// Whether nobody wants to be told.
  var isEmpty: Bool {
    state.withLock { $0.continuations.isEmpty }
  }

  func stream() -> AsyncStream<News> {
    AsyncStream(bufferingPolicy: .bufferingNewest(bufferMax)) { continuation in
      let number = state.withLock { state in
        defer { state.next += 1 }
        state.continuations[state.next] = continuation
        return state.next
      }
      continuation.onTermination = { [weak self] _ in
        self?.state.withLock { $0.continuations[number] = nil }
      }
    }
  }

  func send(_ change: News) {
    let continuations = state.withLock { Array($0.continuations.values) }
    for continuation in continuations { continuation.yield(change) }
  }

  func finish() {
    let continuations = state.withLock { Array($0.continuations.values) }
    for continuation in continuations { continuation.finish() }
  }
}
