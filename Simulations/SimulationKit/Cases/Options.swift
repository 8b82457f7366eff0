internal import SeededRandom

/// What a run is made of. A swarm: each run switches on an arbitrary half of all faults and turns those up or down
/// (Groce et al., "Swarm Testing", 2012), because everything at once hides what a few do together.
public struct Options: Hashable, Sendable {
  private var values: [Knob: Int] = [:]

  /// Everything at its least.
  public init() {}

  /// What the swarm draws for `seed`.
  public init(seed: UInt64) {
    var random = RandomStream(seed: seed, "options")
    for knob in Knob.allCases where !knob.isRare {
      let value = random.number(in: knob.range)
      if random.chance(1, in: 2) || knob.isAlwaysOn { self[knob] = value }
    }
    var rare = RandomStream(seed: seed, "rare options")
    for knob in Knob.allCases where knob.isRare && rare.chance(1, in: Knob.rarity) {
      self[knob] = rare.number(in: knob.range)
    }
  }

  /// All that can go wrong, as much of it as there may be, for five machines, two of which join later: what the stress
  /// figures are measured with.
  public static var stress: Options {
    var options = Options()
    for knob in Knob.allCases where !knob.isRare { options[knob] = knob.range.upperBound }
    options[.hosts] = 3
    options[.minutes] = 60
    options[.latencyMs] = 40
    options[.dozeMinutes] = 10
    return options
  }

  /// What the swarm draws for `seed`, with machines that are set back and a device that has gone bad.
  public static func withForks(seed: UInt64) -> Options {
    var options = Options(seed: seed)
    for knob in Knob.allCases where knob.isRare { options[knob] = knob.range.upperBound }
    return options
  }

  /// A month of five machines that mostly sleep: what the figures over virtual time are measured with.
  public static var long: Options {
    var options = Options()
    let values: [Knob: Int] = [
      .hosts: 4, .joins: 1, .actions: 200, .minutes: 30 * 24 * 60, .dozeMinutes: 2, .latencyMs: 40, .lossPpm: 5_000,
      .fragmentsPercent: 5, .slowPpm: 1_000, .resets: 4, .partitions: 4, .oneWayPartitions: 4, .flaps: 4, .kills: 5,
      .crashes: 8, .powerCuts: 5, .suspensions: 3, .clockJumps: 6, .clockFreezes: 2, .driftPpm: 200,
      .readErrorPpm: 10, .writeErrorPpm: 10, .syncErrorPpm: 1_000, .busyPpm: 100, .fullDisks: 3,
    ]
    for (knob, value) in values { options[knob] = value }
    return options
  }

  /// The value of a knob; its floor unless it was set.
  public subscript(knob: Knob) -> Int {
    get { values[knob] ?? knob.floor }
    set { values[knob] = newValue == knob.floor ? nil : newValue }
  }
}

extension Options: CustomStringConvertible {
  /// What is not at its floor, as `hosts=3 actions=40`; as ``init(parsing:)`` reads it.
  public var description: String {
    Knob.allCases.filter { self[$0] != $0.floor }.map { "\($0.rawValue)=\(self[$0])" }.joined(separator: " ")
  }

  /// Reads what ``description`` wrote; nil for anything else, and for a number below a knob's floor.
  public init?(parsing text: some StringProtocol) {
    for part in text.split(whereSeparator: \.isWhitespace) {
      let pair = part.split(separator: "=", maxSplits: 1)
      guard pair.count == 2, let knob = Knob(rawValue: String(pair[0])), let value = Int(pair[1]),
        knob.floor <= value, value <= 1_000_000
      else { return nil }
      self[knob] = value
    }
  }
}
