internal import SimulationKit

/// What came of a campaign, or of a part of one.
struct CampaignReport: Codable {
  var seeds = 0
  var failures: [UInt64] = []
  var virtualHours = 0.0
  var marksMissed: [String] = Mark.allCases.map(\.rawValue)
  var differing: [UInt64] = []
  var changes = 0
  var runsPerMinute = 0.0

  init() {}

  init(_ summary: Campaign.Summary, differing: [UInt64]) {
    seeds = summary.runs
    failures = summary.failures.map(\.seed)
    virtualHours = summary.hostHours
    marksMissed = summary.marksMissed.map(\.rawValue)
    self.differing = differing
    changes = summary.changes
  }

  /// Both together.
  func adding(_ other: CampaignReport) -> CampaignReport {
    var sum = self
    sum.seeds += other.seeds
    sum.failures += other.failures
    sum.virtualHours += other.virtualHours
    sum.marksMissed = marksMissed.filter(other.marksMissed.contains)
    sum.differing += other.differing
    sum.changes += other.changes
    return sum
  }
}
