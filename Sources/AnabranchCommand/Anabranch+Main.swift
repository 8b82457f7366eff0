internal import Anabranch
internal import ArgumentParser
internal import Foundation

/// The command's tree. One file a command, in `Commands`.
@main
struct AnabranchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "anabranch",
    abstract: "Your conversations with AI assistants, whole, on every device you own.",
    discussion: """
      A replica lies in one folder (--home, ANABRANCH_HOME, or your data folder). It works offline;
      whenever two replicas reach each other they merge, and nothing anybody wrote is lost.
      """,
    version: Version.text,
    groupedSubcommands: [
      CommandGroup(name: "Begin", subcommands: [DemoCommand.self, InitCommand.self, ImportCommand.self]),
      CommandGroup(name: "Read", subcommands: [ListCommand.self, ShowCommand.self, SearchCommand.self]),
      CommandGroup(
        name: "Write",
        subcommands: [
          NewCommand.self, SayCommand.self, BranchCommand.self, TitleCommand.self, TagCommand.self,
          UntagCommand.self, DeleteCommand.self, RestoreCommand.self,
        ]),
      CommandGroup(name: "Sync", subcommands: [ServeCommand.self, SyncCommand.self, StatusCommand.self]),
      CommandGroup(
        name: "Keep",
        subcommands: [ExportCommand.self, VerifyCommand.self, BackupCommand.self, RestoreBackupCommand.self]),
    ])

  /// Parses, runs, and turns whatever goes wrong into one message and an exit status.
  static func main() async {
    Signals.prepare()
    // What is written here is its owner's alone.
    umask(0o077)
    let commands = configuration.groupedSubcommands.flatMap(\.subcommands)
      .compactMap { $0.configuration.commandName }
    let arguments = ArgumentOrder.normalised(
      Array(CommandLine.arguments.dropFirst()), commands: Set(commands))
    do {
      try ArgumentOrder.check(arguments)
      var command = try parseAsRoot(arguments)
      if var asynchronous = command as? any AsyncParsableCommand {
        try await asynchronous.run()
      } else {
        try command.run()
      }
    } catch {
      Failure.exit(with: error, json: arguments.contains("--json"))
    }
  }
}

/// The program's version.
enum Version {
  /// As `--version` prints it.
  static let text = "0.1.0"
}
