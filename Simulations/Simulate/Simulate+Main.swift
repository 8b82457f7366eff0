internal import ArgumentParser

@main
struct Simulate: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "simulate",
    abstract: "Runs whole lives of several replicas, drawn from a seed.",
    discussion: "See docs/simulation.md for what is simulated, what is checked, and how to read a failure.",
    subcommands: [RunCommand.self, CampaignCommand.self, ReplayCommand.self, ScenarioCommand.self, ShrinkCommand.self])
}

/// What most commands take.
struct CommonOptions: ParsableArguments {
  @Flag(name: .long, help: "Print one line of JSON.")
  var json = false
}
