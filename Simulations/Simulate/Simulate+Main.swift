internal import ArgumentParser

@main
struct Simulate: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "simulate", abstract: "Runs whole lives of several replicas, drawn from a seed.",
    subcommands: [RunCommand.self])
}
