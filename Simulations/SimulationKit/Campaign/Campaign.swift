/// Many runs, one after the other.
public struct Campaign: Sendable {
  /// The seeds to run.
  public var seeds: Range<UInt64>
  /// What each run is made of; what the swarm draws for its seed, for nil.
  public var options: Options?

  /// The runs of `seeds`.
  public init(seeds: Range<UInt64>, options: Options? = nil) {
    self.seeds = seeds
    self.options = options
  }

  /// What came of all runs so far.
  public struct Summary: Sendable {
    /// Runs that came to their end.
    public var runs = 0
    /// Seeds of the runs in which a property did not hold, with that property.
    public var failures: [(seed: UInt64, violation: Violation)] = []
    /// Virtual hours, times the machines.
    public var hostHours = 0.0
    /// The rare paths that some run took.
    public var marks: Set<Mark> = []
    /// Changes written.
    public var changes = 0
    /// A sum over all runs' trace hashes: equal for campaigns that went the same way.
    public var hash: UInt64 = 0

    /// Nothing yet.
    public init() {}

    /// The rare paths that no run took, in their order.
    public var marksMissed: [Mark] {
      Mark.allCases.filter { !marks.contains($0) }
    }

    /// Adds one run.
    public mutating func add(_ outcome: Outcome) {
      runs += 1
      if let violation = outcome.violation { failures.append((outcome.run.seed, violation)) }
      hostHours += outcome.hostHours
      marks.formUnion(outcome.marks)
      changes += outcome.changes
      hash &+= outcome.traceHash
    }
  }

  /// Runs all, and tells `progress` after each.
  public func run(progress: (Summary, Outcome) -> Void) -> Summary {
    var summary = Summary()
    for seed in seeds {
      let outcome = Simulation(Case(seed: seed, options: options)).run()
      summary.add(outcome)
      progress(summary, outcome)
    }
    return summary
  }
}
