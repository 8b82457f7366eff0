internal import ArgumentParser
internal import SimulationKit

/// What runs are made of, where the swarm does not draw it.
struct KindOptions: ParsableArguments {
  @Flag(help: "Everything that can go wrong, as much of it as there may be, in five machines.")
  var stress = false

  @Flag(help: "A month of five machines that mostly sleep.")
  var long = false

  func validate() throws {
    guard !(stress && long) else { throw ValidationError("expected one of --stress and --long, got both") }
  }

  /// Nil where the swarm draws it.
  var options: Options? {
    stress ? .stress : long ? .long : nil
  }

  /// The same as arguments of a command.
  var arguments: [String] {
    (stress ? ["--stress"] : []) + (long ? ["--long"] : [])
  }
}
