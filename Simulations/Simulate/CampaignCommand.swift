internal import ArgumentParser
internal import Foundation
internal import SimulationKit

struct CampaignCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "campaign", abstract: "Many runs.",
    discussion: """
      Fails where a property fails, or where a rare path was taken by no run at all; in a campaign of fewer than a
      thousand runs, a path left out is only told.
      """)

  @OptionGroup var common: CommonOptions

  @Option(help: ArgumentHelp("The seeds, as A..<B.", valueName: "range"), transform: Self.range)
  var seeds: Range<UInt64>

  @Option(help: "Processes that share the work.")
  var jobs = 1

  @Flag(help: "Everything that can go wrong, as much of it as there may be, in each run.")
  var stress = false

  @Flag(help: "Run each seed twice, and expect the same.")
  var twice = false

  /// From so many runs on every rare path must have been taken.
  private static let runsForMarks = 1_000

  func validate() throws {
    guard jobs > 0 else { throw ValidationError("expected --jobs of 1 or more, got \(jobs)") }
  }

  func run() throws {
    let start = Date()
    var total = Campaign.Summary()
    var differing: [UInt64] = []
    let campaign = Campaign(seeds: seeds, options: stress ? .stress : nil)
    total = campaign.run { summary, outcome in
      if twice, Simulation(outcome.run).run().traceHash != outcome.traceHash { differing.append(outcome.run.seed) }
      show(summary, since: start)
      if let violation = outcome.violation { tell(outcome.run, violation) }
    }
    try finish(total, differing, seconds: Date().timeIntervalSince(start))
  }

  private static func range(_ text: String) throws -> Range<UInt64> {
    let ends = text.components(separatedBy: "..<").map { UInt64($0) }
    guard ends.count == 2, let first = ends[0], let end = ends[1], first < end else {
      throw ValidationError("expected seeds as A..<B, got “\(text)”")
    }
    return first..<end
  }

  private func tell(_ run: Case, _ violation: Violation) {
    let lines = run.lines + ["✘ property \(violation.property.rawValue), \(violation.property): \(violation.detail)"]
    FileHandle.standardError.write(Data(("\r\u{1B}[K" + lines.joined(separator: "\n") + "\n\n").utf8))
  }

  private func show(_ summary: Campaign.Summary, since start: Date) {
    guard isatty(STDERR_FILENO) == 1 else { return }
    let minutes = max(Date().timeIntervalSince(start), 0.001) / 60
    let line =
      "\r\u{1B}[K\(summary.runs) of \(seeds.count) runs, \(summary.failures.count) failed, "
      + "\(Int(Double(summary.runs) / minutes)) runs and \(Int(summary.hostHours / minutes)) hours a minute"
    FileHandle.standardError.write(Data(line.utf8))
  }

  private struct Report: Codable {
    var seeds: Int
    var failures: [UInt64]
    var virtualHours: Double
    var marksMissed: [String]
    var differing: [UInt64]
    var runsPerMinute: Double
    var hash: String
  }

  private func finish(_ total: Campaign.Summary, _ differing: [UInt64], seconds: Double) throws {
    let report = Report(
      seeds: total.runs, failures: total.failures.map(\.seed), virtualHours: total.hostHours,
      marksMissed: total.marksMissed.map(\.rawValue), differing: differing,
      runsPerMinute: Double(total.runs) / seconds * 60, hash: RunReport.hexadecimal(total.hash))
    if common.json {
      try RunReport.printJSON(report)
    } else {
      print(
        "\(report.seeds) runs, \(report.failures.count) failed, \(Int(report.virtualHours)) virtual hours, "
          + "\(total.changes) changes, \(Int(report.runsPerMinute)) runs a minute")
      if !differing.isEmpty { print("✘ ran otherwise the second time: \(differing)") }
      for mark in report.marksMissed { print("never: \(mark)") }
    }
    let missesMarks = !report.marksMissed.isEmpty && total.runs >= Self.runsForMarks
    if !report.failures.isEmpty || !differing.isEmpty || missesMarks { throw ExitCode(1) }
  }
}
