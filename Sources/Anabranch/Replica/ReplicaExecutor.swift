internal import Dispatch

/// Runs a replica's work on a queue of its own, one piece after the other, so that waiting for a disk never blocks
/// the threads that all tasks share.
final class ReplicaExecutor: SerialExecutor {
  private let queue = DispatchQueue(label: "anabranch.replica")

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    let executor = asUnownedSerialExecutor()
    queue.async { job.runSynchronously(on: executor) }
  }

  func asUnownedSerialExecutor() -> UnownedSerialExecutor {
    UnownedSerialExecutor(ordinary: self)
  }
}
