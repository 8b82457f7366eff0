internal import ArgumentParser
internal import Foundation
internal import SimulationKit

struct CampaignCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "campaign", abstract: "Many runs.",
    discussion: """
      Fails where a property fails or a run crashes, and where a rare path was taken by no run at all; in a campaign of \
      fewer than \(runsForMarks) runs, and in a --long one, a path left out is only told.
      """)

  @OptionGroup var common: CommonOptions
  @OptionGroup var kind: KindOptions
  @OptionGroup var bundle: BundleOptions

  @Option(help: ArgumentHelp("The seeds, as A..<B.", valueName: "range"), transform: Self.range)
  var seeds: Range<UInt64>

  @Option(help: "Processes that share the work.")
  var jobs = 1

  @Flag(help: "Run each seed again in another process, and expect the same.")
  var twice = false

  @Flag(help: .hidden)
  var part = false

  /// From so many runs on every rare path must have been taken.
  private static let runsForMarks = 400

  func validate() throws {
    guard (1...256).contains(jobs) else { throw ValidationError("expected --jobs from 1 to 256, got \(jobs)") }
  }

  func run() throws {
    if part { return try runHere() }
    let flags = kind.arguments
    // Made before anything runs, or it is said at once why it cannot be.
    _ = try bundle.folder
    let bundling = bundle.path.map { ["--bundle", $0] } ?? []
    let campaign = Campaign(seeds: seeds, arguments: flags + bundling, isTwice: twice) { failure in
      let command = (["simulate run --seed \(failure.seed)"] + flags).joined(separator: " ")
      Self.tell("\(Self.clear)✘ seed \(failure.seed): \(failure.reason)\n  \(command)\n")
    }
    let count = seeds.count
    campaign.run(jobs: jobs) {
      if isatty(STDERR_FILENO) == 1 { Self.tell(Self.line(campaign.report, of: count)) }
    }
    Self.tell(Self.clear)
    try finish(campaign.report)
  }

  /// Runs the seeds in this process, and prints a line for each.
  private func runHere() throws {
    let folder = try bundle.folder
    for seed in seeds {
      let outcome = Simulation(kind.run(seed)).run(bundling: folder == nil ? .never : .whenItFails)
      _ = try folder?.write(outcome)
      let report = RunReport(outcome)
      try FileHandle.standardOutput.write(contentsOf: Data((RunReport.json(report) + "\n").utf8))
    }
  }

  private static func range(_ text: String) throws -> Range<UInt64> {
    let ends = text.components(separatedBy: "..<").map { UInt64($0) }
    guard ends.count == 2, let first = ends[0], let end = ends[1], first < end, end - first <= 100_000_000,
      end < UInt64.max - 1_000
    else {
      throw ValidationError("expected seeds as A..<B, got “\(text)”")
    }
    return first..<end
  }

  /// Takes a progress line away, where there may be one.
  private static var clear: String { isatty(STDERR_FILENO) == 1 ? "\r\u{1B}[K" : "" }

  private static func tell(_ text: String) {
    FileHandle.standardError.write(Data(text.utf8))
  }

  private static func line(_ report: CampaignReport, of count: Int) -> String {
    let minutes = max(Double(report.seeds) / max(report.runsPerMinute, 0.001), 0.001)
    let hours = (report.virtualHours / minutes / 6).rounded() / 10
    return "\(clear)\(report.seeds) of \(count) runs, \(report.failures.count) failed, "
      + "\(Int(report.runsPerMinute)) runs a minute, \(hours) virtual hours a second"
  }

  private func finish(_ report: CampaignReport) throws {
    if common.json {
      try RunReport.printJSON(report)
    } else {
      let minutes = Double(report.seeds) / max(report.runsPerMinute, 0.001)
      print(
        "\(report.seeds) runs, \(report.failures.count) failed, \(Int(report.virtualHours)) virtual hours, "
          + "\(report.changes) changes, \(Int(report.runsPerMinute)) runs and "
          + "\(Int(report.virtualHours / max(minutes, 0.001))) virtual hours a minute")
      if !report.differing.isEmpty { print("✘ ran otherwise the second time: \(report.differing)") }
      for mark in report.marksMissed { print("never: \(mark)") }
    }
    // Where everything goes wrong at once, no machine is set back and no device goes bad.
    let missed = report.marksMissed.filter { !kind.stress || !Mark.ofForks.map(\.rawValue).contains($0) }
    let missesMarks = !missed.isEmpty && report.seeds >= Self.runsForMarks && !kind.long
    if !report.failures.isEmpty || !report.differing.isEmpty || missesMarks { throw ExitCode(1) }
  }
}
