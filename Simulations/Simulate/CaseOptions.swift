internal import ArgumentParser
internal import SimulationKit

/// How a person says which run is meant.
struct CaseOptions: ParsableArguments {
  @Option(help: "What the run is drawn from.")
  var seed: UInt64

  @Option(help: "What it is made of, as NAME=NUMBER …; what the swarm draws for the seed unless given.")
  var options: String?

  @OptionGroup var kind: KindOptions

  var run: Case {
    get throws {
      guard let options else { return kind.run(seed) }
      guard kind.isDrawn else {
        throw ValidationError("expected one of --options, --stress, --long and --forks, got several")
      }
      guard let parsed = Options(parsing: options) else {
        throw ValidationError("expected NAME=NUMBER …, got “\(options)”; the names are \(Self.names)")
      }
      return Case(seed: seed, options: parsed)
    }
  }

  private static var names: String {
    Knob.allCases.map(\.rawValue).joined(separator: ", ")
  }
}
