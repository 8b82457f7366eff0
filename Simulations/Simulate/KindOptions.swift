internal import ArgumentParser
internal import SimulationKit

/// What runs are made of, where the swarm does not draw it.
struct KindOptions: ParsableArguments {
  @Flag(help: "Everything that can go wrong, as much of it as there may be, in five machines.")
  var stress = false

  @Flag(help: "A month of five machines that mostly sleep.")
  var long = false

  @Flag(help: "What the swarm draws, with machines that are set back whole, and a device that signs two histories.")
  var forks = false

  func validate() throws {
    guard [stress, long, forks].filter({ $0 }).count < 2 else {
      throw ValidationError("expected one of --stress, --long and --forks, got several")
    }
  }

  /// Whether the swarm draws it alone.
  var isDrawn: Bool { !(stress || long || forks) }

  /// The run of a seed.
  func run(_ seed: UInt64) -> Case {
    if stress { return Case(seed: seed, options: .stress) }
    if long { return Case(seed: seed, options: .long) }
    return Case(seed: seed, options: forks ? .withForks(seed: seed) : nil)
  }

  /// The same as arguments of a command.
  var arguments: [String] {
    (stress ? ["--stress"] : []) + (long ? ["--long"] : []) + (forks ? ["--forks"] : [])
  }
}
