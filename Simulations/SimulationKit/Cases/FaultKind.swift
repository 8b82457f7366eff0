/// What goes wrong at a moment, as opposed to what goes wrong at some rate.
public enum FaultKind: String, CaseIterable, Sendable {
  /// A connection is cut in the middle of what is under way.
  case reset
  /// Some machines cannot reach the others.
  case partition
  /// One machine cannot be reached, or cannot reach anybody; the other direction works.
  case oneWayPartition
  /// A machine's network comes and goes.
  case flap
  /// A process is killed.
  case kill
  /// A process crashes at some access to its disk.
  case crash
  /// The power fails.
  case powerCut
  /// A machine sleeps.
  case suspension
  /// A clock is set.
  case clockJump
  /// A clock stands still.
  case clockFreeze
  /// A disk has no room.
  case fullDisk
  /// A disk alters what it holds, and reads something else than what was written.
  case badDisk
  /// A machine is lost, and its last backup restored on another one.
  case loss
  /// Somebody connects who is no honest replica.
  case stranger
  /// A machine is set back to what it was when the fault began, with all that would tell.
  case setBack
  /// A device of the space, which has gone bad, calls.
  case traitor

  /// How many of it a run has.
  var knob: Knob {
    switch self {
    case .reset: .resets
    case .partition: .partitions
    case .oneWayPartition: .oneWayPartitions
    case .flap: .flaps
    case .kill: .kills
    case .crash: .crashes
    case .powerCut: .powerCuts
    case .suspension: .suspensions
    case .clockJump: .clockJumps
    case .clockFreeze: .clockFreezes
    case .fullDisk: .fullDisks
    case .badDisk: .badDisks
    case .loss: .losses
    case .stranger: .strangers
    case .setBack: .setBacks
    case .traitor: .traitors
    }
  }

  /// How long it lasts at most, in milliseconds: a machine that went down comes back as soon as somebody starts it.
  var spanMsMax: Int64 {
    switch self {
    case .reset, .clockJump: 10
    case .kill, .crash, .powerCut, .loss: 120_000
    case .stranger, .traitor: 90_000
    case .flap: 600_000
    case .suspension: 12 * 3_600_000
    default: 3_600_000
    }
  }
}
