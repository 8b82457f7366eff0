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
    let report = jobs == 1 ? try runHere(since: start) : try runInParts()
    try finish(report, seconds: Date().timeIntervalSince(start))
  }

  private func runHere(since start: Date) throws -> CampaignReport {
    var differing: [UInt64] = []
    let summary = Campaign(seeds: seeds, options: stress ? .stress : nil).run { summary, outcome in
      if twice, Simulation(outcome.run).run().traceHash != outcome.traceHash { differing.append(outcome.run.seed) }
      show(summary, since: start)
      if let violation = outcome.violation { tell(outcome.run, violation) }
    }
    return CampaignReport(summary, differing: differing)
  }

  /// Has processes of this same program run a part of the seeds each: what SQLite's file system knows is one to a
  /// process.
  private func runInParts() throws -> CampaignReport {
    let size = (seeds.count + jobs - 1) / jobs
    let parts = try stride(from: 0, to: seeds.count, by: size).map { first in
      let start = seeds.lowerBound + UInt64(first)
      return try CampaignPart(
        seeds: start..<min(start + UInt64(size), seeds.upperBound),
        flags: (stress ? ["--stress"] : [])
          + (twice ? ["--twice"] : []))
    }
    return try parts.map { try $0.report() }.reduce(CampaignReport()) { $0.adding($1) }
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

  private func finish(_ total: CampaignReport, seconds: Double) throws {
    var report = total
    report.runsPerMinute = Double(report.seeds) / max(seconds, 0.001) * 60
    if common.json {
      try RunReport.printJSON(report)
    } else {
      print(
        "\(report.seeds) runs, \(report.failures.count) failed, \(Int(report.virtualHours)) virtual hours, "
          + "\(report.changes) changes, \(Int(report.runsPerMinute)) runs and "
          + "\(Int(report.virtualHours / max(seconds, 0.001) * 60)) virtual hours a minute")
      if !report.differing.isEmpty { print("✘ ran otherwise the second time: \(report.differing)") }
      for mark in report.marksMissed { print("never: \(mark)") }
    }
    let missesMarks = !report.marksMissed.isEmpty && report.seeds >= Self.runsForMarks
    if !report.failures.isEmpty || !report.differing.isEmpty || missesMarks { throw ExitCode(1) }
  }
}
