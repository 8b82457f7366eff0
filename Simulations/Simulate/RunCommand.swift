internal import ArgumentParser
internal import SimulationKit

struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "run", abstract: "One run.")

  @OptionGroup var common: CommonOptions
  @OptionGroup var which: CaseOptions
  @OptionGroup var bundle: BundleOptions
  @OptionGroup var picture: PictureOptions

  @Flag(help: "Print what happened, one line an event.")
  var trace = false

  func run() throws {
    try RunReport.show(which.run, isTraced: trace, json: common.json, picture, bundlingInto: bundle.folder)
  }
}
