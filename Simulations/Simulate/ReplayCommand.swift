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
    let text: String
    do {
      text = try String(contentsOfFile: file, encoding: .utf8)
    } catch {
      throw ValidationError("cannot read \(file): \((error as NSError).localizedFailureReason ?? "\(error)")")
    }
    do {
      try RunReport.show(Case(parsing: text), isTraced: trace, json: common.json)
    } catch let error as Case.Unreadable {
      throw ValidationError("\(file) is no case: \(error)")
    }
  }
}
