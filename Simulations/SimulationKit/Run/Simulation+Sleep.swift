internal import SeededRandom

/// Machines that nobody uses go to sleep, and wake again.
extension Simulation {
  /// Somebody uses a machine, which wakes it.
  func use(_ host: Host) {
    host.lastUse = scheduler.now
    guard options[.dozeMinutes] > 0, !isHealed else { return }
    if host.isDozing {
      host.isDozing = false
      trace.note(scheduler.now, host.number, as: "\(host.name) wakes")
      sketch?.remove(.asleep, from: host.number)
      if host.isAwake { resume(host) }
    }
    guard !host.watchesUse else { return }
    host.watchesUse = true
    scheduler.plan(.doze(host: host.number), after: patience)
  }

  /// A machine goes to sleep, if nobody has used it for long enough.
  func doze(_ host: Host) {
    guard !isHealed else { return }
    guard host.lastUse + patience <= scheduler.now else {
      return scheduler.plan(.doze(host: host.number), at: host.lastUse + patience)
    }
    host.watchesUse = false
    host.isDozing = true
    marks.insert(.dozed)
    trace.note(scheduler.now, host.number, as: "\(host.name) dozes off")
    sketch?.add(.asleep, to: host.number)
    host.dozes += 1
    var random = RandomStream(seed: seed, "rousing of \(host.number)", host.dozes)
    scheduler.plan(.rouse(host: host.number), after: .seconds(random.number(in: 600...12 * 3_600)))
  }

  /// A machine wakes by itself, if it still sleeps.
  func rouse(_ host: Host) {
    if host.isDozing { use(host) }
  }

  /// How long a machine stays awake that nobody uses.
  private var patience: VirtualTime { .seconds(options[.dozeMinutes] * 60) }

  /// A machine is awake again: what it missed happens now.
  func resume(_ host: Host) {
    network.resumeWaiting()
    for event in host.missed { scheduler.plan(event, after: .milliseconds(1)) }
    host.missed = []
  }
}
