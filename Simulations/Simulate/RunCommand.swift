internal import ArgumentParser
internal import SimulationKit

struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "run", abstract: "One run.")

  @Option(help: "What the run is drawn from.")
  var seed: UInt64

  @Flag(help: "Print what happened, one line an event.")
  var trace = false

  func run() throws {
    let outcome = Simulation(seed: seed, options: Options(seed: seed), isTraced: trace).run()
    for line in outcome.lines { print(line) }
    print("seed \(seed): \(outcome.options)")
    print("trace \(outcome.traceHash) events \(outcome.events) changes \(outcome.changes) span \(outcome.span)")
    if let violation = outcome.violation {
      print("✘ \(violation.property): \(violation.detail)")
      throw ExitCode(1)
    }
  }
}
