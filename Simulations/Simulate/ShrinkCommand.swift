internal import ArgumentParser
internal import SimulationKit

struct ShrinkCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "shrink", abstract: "The smallest run in which the same property fails.")

  @OptionGroup var common: CommonOptions
  @OptionGroup var which: CaseOptions

  @Option(help: "How many runs to try at most.")
  var runs = 2_000

  func run() throws {
    guard var shrinker = Shrinker(try which.run, runsMax: runs) else {
      print("every property holds in this run: there is nothing to shrink")
      throw ExitCode(1)
    }
    shrinker.shrink()
    try RunReport.show(Simulation(shrinker.smallest, isTraced: !common.json).run(), json: common.json)
    if !common.json { print("after \(shrinker.runs) runs") }
  }
}
