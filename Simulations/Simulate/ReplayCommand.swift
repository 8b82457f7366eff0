internal import ArgumentParser
internal import Foundation
internal import SimulationKit

struct ReplayCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay", abstract: "The run of a file, as those in seeds/.")

  @OptionGroup var common: CommonOptions

  @Argument(help: "The file.", completion: .file())
  var file: String

  @Flag(help: "Print what happened, one line an event.")
  var trace = false

  func run() throws {
    let text = try String(contentsOfFile: file, encoding: .utf8)
    let outcome = Simulation(try Case(parsing: text), isTraced: trace && !common.json).run()
    try RunReport.show(outcome, json: common.json)
    if outcome.violation != nil { throw ExitCode(1) }
  }
}
