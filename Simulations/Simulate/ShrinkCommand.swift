internal import ArgumentParser
internal import SimulationKit

struct ShrinkCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "shrink", abstract: "The smallest run in which the same property fails.")

  @OptionGroup var common: CommonOptions
  @OptionGroup var which: CaseOptions

  @OptionGroup var picture: PictureOptions

  @Option(help: "How many runs to try at most.")
  var runs = 2_000

  func run() throws {
    guard var shrinker = Shrinker(try which.run, runsMax: runs) else {
      if common.json { return try RunReport.printJSON(RunReport(Simulation(try which.run).run())) }
      return print("✓ every property holds in this run: there is nothing to shrink")
    }
    shrinker.shrink()
    if !common.json { RunReport.say("# the smallest of \(shrinker.runs + 1) runs") }
    try RunReport.show(shrinker.smallest.writtenOut, isTraced: true, json: common.json, picture)
  }
}
