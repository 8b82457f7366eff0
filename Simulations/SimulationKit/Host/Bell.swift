internal import Anabranch

/// Wakes a replica in virtual time.
final class Bell: Alarm, @unchecked Sendable {
  private let host: Int
  private let life: Int
  private let booted: VirtualTime
  private let scheduler: Scheduler
  /// When it rings next.
  private var planned: VirtualTime?

  init(host: Int, life: Int, booted: VirtualTime, _ scheduler: Scheduler) {
    self.host = host
    self.life = life
    self.booted = booted
    self.scheduler = scheduler
  }

  func set(at deadline: Duration?, for replica: Replica) {
    guard let deadline else { return }
    let time = booted + VirtualTime(deadline)
    // One that rings too early does no harm, and the replica sets it again.
    if let planned, planned <= time { return }
    planned = time
    scheduler.plan(.alarm(host: host, life: life), at: time)
  }

  func rang() {
    planned = nil
  }
}
