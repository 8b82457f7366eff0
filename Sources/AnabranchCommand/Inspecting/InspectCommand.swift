internal import ArgumentParser

struct InspectCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect", abstract: "See how and why replicas merged. Only check --repair changes anything.",
    subcommands: [
      WhyCommand.self, ConflictsCommand.self, DivergedCommand.self, BlameCommand.self, ShowChangeCommand.self,
      PeersCommand.self, VectorCommand.self,
      FrontierCommand.self, ClockCommand.self, StorageCommand.self, GraphCommand.self, DiffCommand.self, AtCommand.self,
      WireCommand.self, CheckCommand.self, BundleCommand.self, TuiCommand.self,
    ])

  @OptionGroup var options: GlobalOptions

  func run() async throws {
    throw CleanExit.helpRequest(self)
  }
}
