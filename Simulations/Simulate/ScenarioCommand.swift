internal import ArgumentParser
internal import Scenarios
internal import SimulationKit

struct ScenarioCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "scenario", abstract: "A story with a name; without one, all of them.",
    discussion: Scenarios.all.map { "\($0.name)\n    \($0.story)" }.joined(separator: "\n"))

  @OptionGroup var common: CommonOptions

  @Argument(help: "The story.")
  var name: String?

  @OptionGroup var picture: PictureOptions

  @Option(help: "What delays and salts are drawn from.")
  var seed: UInt64 = 1

  @Flag(help: "Print what happened, one line an event.")
  var trace = false

  func validate() throws {
    guard name != nil || !picture.isAsked else { throw ValidationError("expected the name of one story to draw") }
  }

  private struct Report: Codable {
    var name: String
    var ok: Bool
    var failure: String?
    var traceHash: String
  }

  func run() throws {
    let chosen = Scenarios.all.filter { name == nil || $0.name == name }
    guard !chosen.isEmpty else {
      throw ValidationError("expected one of \(Scenarios.all.map(\.name).joined(separator: ", ")), got “\(name ?? "")”")
    }
    var reports: [Report] = []
    for scenario in chosen {
      let telling = scenario.play(seed: seed, isDrawn: picture.isAsked)
      let failure = telling.failure
      try picture.write(telling.picture)
      if trace, !common.json { telling.lines.forEach { print($0) } }
      if !common.json {
        print("\(failure == nil ? "✓" : "✘") \(scenario.name): \(failure ?? scenario.story)")
      }
      reports.append(
        Report(
          name: scenario.name, ok: failure == nil, failure: failure, traceHash: RunReport.hexadecimal(telling.hash)))
    }
    if common.json { try RunReport.printJSON(reports) }
    if reports.contains(where: { !$0.ok }) { throw ExitCode(1) }
  }
}
