internal import SimulationKit

/// What came of a campaign so far.
struct CampaignReport: Encodable {
  /// Runs that came to their end.
  var seeds = 0
  /// Seeds of the runs in which a property did not hold, or that did not come to their end.
  var failures: [UInt64] = []
  /// Seeds of the runs that went otherwise the second time.
  var differing: [UInt64] = []
  var virtualHours = 0.0
  var changes = 0
  /// The rare paths that no run took.
  var marksMissed: [String] = Mark.allCases.map(\.rawValue)
  /// A sum over all runs: equal for campaigns that went the same way.
  var traceHash: String { RunReport.hexadecimal(hash) }
  var runsPerMinute = 0.0

  private var hash: UInt64 = 0

  private enum CodingKeys: String, CodingKey {
    case seeds, failures, differing, virtualHours, changes, marksMissed, traceHash, runsPerMinute
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(seeds, forKey: .seeds)
    try container.encode(failures, forKey: .failures)
    try container.encode(differing, forKey: .differing)
    try container.encode(virtualHours, forKey: .virtualHours)
    try container.encode(changes, forKey: .changes)
    try container.encode(marksMissed, forKey: .marksMissed)
    try container.encode(traceHash, forKey: .traceHash)
    try container.encode(runsPerMinute, forKey: .runsPerMinute)
  }

  /// Adds a run that came to its end.
  mutating func add(_ run: RunReport) {
    seeds += 1
    if !run.ok { failures.append(run.seed) }
    virtualHours += run.virtualHours
    changes += run.changes
    marksMissed.removeAll(where: run.marks.contains)
    hash &+= UInt64(run.traceHash, radix: 16) ?? 0
  }
}
