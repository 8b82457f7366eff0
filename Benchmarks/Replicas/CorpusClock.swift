internal import Anabranch
internal import Synchronization

/// A wall clock that shows what the message says that is just being written, so that a corpus keeps its times.
final class CorpusClock: Sendable {
  private let milliseconds = Mutex<Int64>(0)

  func set(_ milliseconds: Int64) {
    self.milliseconds.withLock { $0 = milliseconds }
  }

  /// The machine's surroundings, but for the wall clock.
  var surroundings: Surroundings {
    Surroundings(
      wall: { self.milliseconds.withLock { $0 } }, random: Surroundings.system.random,
      uptime: Surroundings.system.uptime)
  }
}
