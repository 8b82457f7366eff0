/// The one thread of a simulation, as an actor's executor. Nothing is ever enqueued: whoever calls is on it.
final class SynchronousExecutor: SerialExecutor {
  func enqueue(_ job: consuming ExecutorJob) {
    preconditionFailure("a simulation has no tasks")
  }

  func checkIsolated() {}

  func asUnownedSerialExecutor() -> UnownedSerialExecutor {
    UnownedSerialExecutor(ordinary: self)
  }
}
