internal import AnabranchSync
internal import Synchronization

/// Wakes a replica when it asked for it. A replica keeps its deadlines itself; this is only the bell.
package protocol Alarm: Sendable {
  /// Has ``Replica/wake()`` called at `deadline`, on the clock of ``Surroundings/uptime``, in place of what was set
  /// before; never, for nil. Too early or too often does no harm.
  func set(at deadline: Duration?, for replica: Replica)
}

/// An alarm that sleeps in a task.
final class TaskAlarm: Alarm {
  private let task = Mutex<Task<Void, Never>?>(nil)

  func set(at deadline: Duration?, for replica: Replica) {
    let uptime = replica.surroundings.uptime
    let next = deadline.map { deadline in
      Task { [weak replica] in
        guard (try? await Task.sleep(for: max(deadline - uptime(), .zero))) != nil else { return }
        await replica?.wake()
      }
    }
    task.withLock { task in
      task?.cancel()
      task = next
    }
  }

  deinit {
    task.withLock { $0?.cancel() }
  }
}

extension Replica {
  /// Does what has become due, and sets the alarm for what is not.
  package func wake() {
    let now = surroundings.uptime()
    if let restDeadline, restDeadline <= now { try? sealOpenChange() }
    if let deadline = signing.deadline, deadline <= now { signAfterwards() }
    if let wordsDeadline, wordsDeadline <= now { dropSilentWords(at: now) }
    dialDue()
    if let invitation, invitation.newcomer == nil, invitation.deadline <= now { expireInvitation() }
    for number in links.keys.sorted() {
      guard let deadline = links[number]?.deadline, deadline <= now else { continue }
      links[number]?.deadline = nil
      handle(.timer, on: number)
    }
    rearm()
  }

  /// Sets the alarm for the next deadline.
  func rearm() {
    let inviting = invitation.flatMap { $0.newcomer == nil ? $0.deadline : nil }
    let deadlines =
      links.values.compactMap(\.deadline)
      + [restDeadline, signing.deadline, wordsDeadline, inviting, discovery?.plan.deadline].compactMap { $0 }
    alarm.set(at: deadlines.min(), for: self)
  }
}
