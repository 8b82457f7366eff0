/// What a run is made of: each a whole number, drawn from the seed, printed with a failure, and made smaller when a
/// failure is shrunk.
public enum Knob: String, CaseIterable, Sendable {
  /// Replicas from the start.
  case hosts
  /// What people do, in all.
  case actions
  /// Minutes in which they do it.
  case minutes
  /// Devices that join in the course of it.
  case joins
  /// The usual way of a byte through the network, in milliseconds.
  case latencyMs
  /// Segments lost and sent again, in a million.
  case lossPpm
  /// Segments, in a hundred, cut into pieces, down to single bytes.
  case fragmentsPercent
  /// Segments, in a million, that take a hundred times as long.
  case slowPpm
  /// Connections reset in mid-frame, in all.
  case resets
  /// Times that two halves of the machines cannot reach each other.
  case partitions
  /// Times that a machine can be heard and hears nothing, or the other way round.
  case oneWayPartitions
  /// Times that a machine's network comes and goes.
  case flaps

  /// Processes killed.
  case kills
  /// Processes that crash in the middle of some access to the disk.
  case crashes
  /// Power failures, which keep any part of what was not synced.
  case powerCuts
  /// Machines that sleep for hours, lid shut.
  case suspensions
  /// Minutes after which a machine that nobody uses goes to sleep; 0 for never. Now and then it wakes by itself.
  case dozeMinutes
  /// Clocks set forth or back.
  case clockJumps
  /// Clocks that stand still for a while.
  case clockFreezes
  /// Clocks that go wrong all the time, in millionths at most.
  case driftPpm

  /// Reads that fail, in a million.
  case readErrorPpm
  /// Writes that fail, in a million.
  case writeErrorPpm
  /// Syncs that fail once and then "succeed", in a million.
  case syncErrorPpm
  /// Locks that are taken for a moment, in a million.
  case busyPpm
  /// Times that a disk has no room for a while.
  case fullDisks
  /// Syncs, in a million, that report success and do nothing.
  case syncLiePpm
  /// Disks that alter what they hold.
  case badDisks
  /// Machines that are lost, and restored from their last backup.
  case losses
  /// Connections of somebody who is no honest replica.
  case strangers
  /// Segments, in a million, of which somebody in between alters a bit.
  case flipPpm
  /// Machines that are set back whole to what they were a while before, and cannot tell: they write numbers that are used already.
  case setBacks
  /// Calls of a device that was let in and has gone bad: it signs several histories under one name.
  case traitors

  /// What it is when nobody asks for more: the least there is.
  var floor: Int {
    switch self {
    case .hosts: 2
    case .minutes: 1
    default: 0
    }
  }

  /// What it may be drawn as, when the swarm has it switched on.
  var range: ClosedRange<Int> {
    switch self {
    case .hosts: 2...5
    case .actions: 40...200
    case .minutes: 5...120
    case .joins: 1...2
    case .latencyMs: 1...400
    case .lossPpm: 1_000...100_000
    case .fragmentsPercent: 1...60
    case .slowPpm: 100...20_000
    case .resets: 1...12
    case .partitions, .oneWayPartitions, .flaps: 1...4
    case .kills: 1...5
    case .crashes: 1...8
    case .powerCuts: 1...5
    case .suspensions: 1...3
    case .dozeMinutes: 1...30
    case .clockJumps: 1...6
    case .clockFreezes: 1...2
    case .driftPpm: 1...20_000
    case .readErrorPpm, .writeErrorPpm: 1...400
    case .syncErrorPpm: 100...30_000
    case .busyPpm: 10...20_000
    case .fullDisks: 1...3
    case .syncLiePpm: 1_000...300_000
    case .badDisks: 1...2
    case .losses: 1...2
    case .strangers: 1...8
    case .flipPpm: 100...3_000
    case .setBacks: 1...2
    case .traitors: 2...8
    }
  }

  /// Whether it says how often something happens, rather than how many things are drawn: so turning it down draws no
  /// other things.
  var isRate: Bool {
    switch self {
    case .latencyMs, .lossPpm, .fragmentsPercent, .slowPpm, .driftPpm, .readErrorPpm, .writeErrorPpm,
      .syncErrorPpm, .busyPpm, .syncLiePpm, .dozeMinutes, .flipPpm:
      true
    default: false
    }
  }

  /// Whether only one run in ``rarity`` has it, since less is promised of such a run.
  var isRare: Bool { self == .setBacks || self == .traitors }

  /// In how many runs there is one with what is rare.
  static let rarity = 12

  /// Whether every run has it; the others are switched on in every second run.
  var isAlwaysOn: Bool {
    switch self {
    case .hosts, .actions, .minutes, .latencyMs: true
    default: false
    }
  }
}
