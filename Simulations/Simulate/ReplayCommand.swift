internal import ArgumentParser
internal import Foundation
internal import SimulationKit

struct ReplayCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay", abstract: "The run of a file, as those in seeds/; or a bundle.",
    discussion: """
      A bundle is a history without its contents, as `anabranch inspect bundle` and `simulate run --bundle` write it. It is checked, and \
      put together in several orders; where all holds and it is from a simulated run, that runs, and a picture is of the run.
      """)

  @OptionGroup var common: CommonOptions

  @OptionGroup var picture: PictureOptions

  @Argument(help: "The file.", completion: .file())
  var file: String

  @Flag(help: "Print what happened, one line an event.")
  var trace = false

  @Option(help: "Of a bundle: in how many orders more than its own it is put together.")
  var orders = 2

  @Option(help: "Of a bundle: what these orders are drawn from.")
  var seed: UInt64 = 1

  func validate() throws {
    guard (0...1_000).contains(orders) else { throw ValidationError("expected --orders from 0 to 1000, got \(orders)") }
  }

  func run() throws {
    let data: Data
    do {
      data = try Data(contentsOf: URL(fileURLWithPath: file))
    } catch {
      throw ValidationError("cannot read \(file): \((error as NSError).localizedFailureReason ?? "\(error)")")
    }
    let bytes = [UInt8](data)
    guard !BundleReplay.isBundle(bytes) else { return try replay(bytes) }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw ValidationError("\(file) is no case, and no bundle")
    }
    do {
      try RunReport.show(Case(parsing: text), isTraced: trace, json: common.json, picture)
    } catch let error as Case.Unreadable {
      throw ValidationError("\(file) is no case: \(error)")
    }
  }

  private func replay(_ bytes: [UInt8]) throws {
    let outcome: BundleReplay.Outcome
    do {
      outcome = try BundleReplay(of: bytes, seed: seed, orders: orders).replay(isDrawn: picture.isAsked)
    } catch {
      throw ValidationError("\(file) is no bundle: \(error.description)")
    }
    try picture.write(outcome.picture)
    let report = BundleReport(outcome)
    if common.json { try RunReport.printJSON(report) } else { report.lines.forEach { RunReport.say($0) } }
    guard report.ok else { throw ExitCode(1) }
    // What is wrong may lie in the run, and not in what is left of it.
    guard let run = outcome.run, !common.json else { return }
    RunReport.say("The history holds: the run that it is from follows.")
    try RunReport.show(run, isTraced: trace, json: false, picture)
  }
}

/// What came of the replay of a bundle, for programs and for people.
struct BundleReport: Codable {
  struct Failure: Codable {
    var property: Int
    var detail: String
  }

  var ok: Bool
  var failures: [Failure]
  var changes: Int
  var contents: Int
  var conversations: Int
  /// Whether the oracle was asked.
  var oracle: Bool
  /// Whether what the replica showed was compared.
  var shown: Bool
  /// The property that did not hold in the simulated run it is from.
  var failed: Int?

  init(_ outcome: BundleReplay.Outcome) {
    ok = outcome.violations.isEmpty
    failures = outcome.violations.map { Failure(property: $0.property.rawValue, detail: $0.detail) }
    (changes, contents, conversations) = (outcome.changes, outcome.contents, outcome.conversations)
    (oracle, shown) = (!outcome.isBeyondOracle, !outcome.isOfOtherLevel)
    failed = outcome.failedProperty
  }

  var lines: [String] {
    var lines = ["bundle = \(changes) changes, \(contents) stand-ins, \(conversations) conversations"]
    if let failed { lines.append("failed = property \(failed), in the run that it is from") }
    if !oracle { lines.append("the oracle was not asked: more than \(BundleReplay.oracleChangesMax) changes") }
    if !shown { lines.append("what the replica showed was not compared: other rules made it") }
    lines += failures.map { "✘ property \($0.property), \($0.detail)" }
    return lines + (ok ? ["✓ every property held"] : [])
  }
}
