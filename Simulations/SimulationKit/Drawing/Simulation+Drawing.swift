internal import Anabranch
internal import AnabranchCore

/// The picture of a run, where one is drawn.
extension Simulation {
  /// Puts what happened to a machine into the trace and into the picture.
  func tell(of host: Host, _ words: String, _ tone: CausalDiagram.Remark.Tone = .plain) {
    trace.note(scheduler.now, host.number, as: "\(host.name) \(words)")
    draw("\(host.name) \(words)", on: host, tone)
  }

  /// Puts what happened to a machine, or to all, into the picture.
  func draw(_ words: @autoclosure () -> String, on host: Host? = nil, _ tone: CausalDiagram.Remark.Tone = .plain) {
    guard sketch != nil else { return }
    drawChanges()
    sketch?.remark(words(), on: host?.number, tone, at: scheduler.now)
  }

  /// Puts what was written since into the picture.
  func drawChanges() {
    guard sketch != nil else { return }
    sketch?.take(ledger.sightings, at: scheduler.now) { device in
      device == traitor?.device
        ? Sketch.traitor
        : hosts.first { host in
          host.process.flatMap { process in process.store.ownLog.flatMap { process.store.device(of: $0) } } == device
        }?.name
    }
  }

  /// Puts the end of a run, or of a story, into the picture: what did not hold, if anything.
  func drawEnd(_ failure: String?) {
    drawChanges()
    sketch?.end(failure.map { [$0] } ?? [], at: scheduler.now)
  }

  /// Something goes wrong; what it does to a program, or to a database, is drawn when it does.
  func drawStrike(_ fault: Plan.Fault, _ host: Host) {
    guard sketch != nil else { return }
    switch fault.kind {
    case .partition, .oneWayPartition:
      guard let words = partition(fault, host) else { return }
      draw(words, on: host, .fault)
      sketch?.add(.unreachable, to: host.number)
    case .flap: draw("the network of \(host.name) comes and goes", on: host, .fault)
    case .suspension:
      draw("\(host.name) is asleep", on: host, .fault)
      sketch?.add(.asleep, to: host.number)
    case .clockJump: draw("the clock of \(host.name) is set", on: host, .fault)
    case .clockFreeze: draw("the clock of \(host.name) stands still", on: host, .fault)
    case .fullDisk: draw("the disk of \(host.name) is full", on: host, .fault)
    case .badDisk: draw("the disk of \(host.name) alters what it holds", on: host, .fault)
    case .loss: draw("\(host.name) is lost", on: host, .fault)
    case .reset, .kill, .crash, .powerCut, .stranger, .setBack, .traitor: break
    }
  }

  /// It is right again.
  func drawRecovery(_ fault: Plan.Fault, _ host: Host) {
    guard sketch != nil else { return }
    switch fault.kind {
    case .partition, .oneWayPartition:
      guard partition(fault, host) != nil else { return }
      draw("\(host.name) is on the network again", on: host, .relief)
      sketch?.remove(.unreachable, from: host.number)
    case .suspension:
      sketch?.remove(.asleep, from: host.number)
    case .clockFreeze: draw("the clock of \(host.name) goes on", on: host, .relief)
    case .fullDisk: draw("the disk of \(host.name) has room again", on: host, .relief)
    case .reset, .flap, .kill, .crash, .powerCut, .clockJump, .badDisk, .loss, .stranger, .setBack, .traitor: break
    }
  }

  /// Who does not reach whom, in words; nil where everybody is on one side.
  private func partition(_ fault: Plan.Fault, _ host: Host) -> String? {
    let ways = ways(fault).filter { $0.from != $0.to }
    guard !ways.isEmpty else { return nil }
    let unreached = Set(ways.filter { $0.from == host.number }.map(\.to))
    let unheard = Set(ways.filter { $0.to == host.number }.map(\.from))
    let far = unreached.union(unheard).sorted().map { hosts[$0].name }
    let names = far.count == hosts.count - 1 ? "anybody" : far.joined(separator: ", ")
    if unreached.isEmpty { return "\(host.name) does not hear \(names)" }
    return unheard.isEmpty ? "\(host.name) is not heard by \(names)" : "\(host.name) does not reach \(names)"
  }
}
