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
      A replica lies in one folder (--home, ANABRANCH_HOME, or your data folder). It works offline; \
      whenever two replicas reach each other they merge, and nothing anybody wrote is lost.
      """,
    version: Version.text,
    groupedSubcommands: [
      CommandGroup(name: "Begin", subcommands: [DemoCommand.self, InitCommand.self, ImportCommand.self]),
      CommandGroup(
        name: "Read",
        subcommands: [
          ListCommand.self, ShowCommand.self, HistoryCommand.self, SearchCommand.self, ContextCommand.self,
          AttachmentsCommand.self, FetchCommand.self, LogCommand.self, InspectCommand.self,
        ]),
      CommandGroup(
        name: "Write",
        subcommands: [
          NewCommand.self, SayCommand.self, BranchCommand.self, AttachCommand.self, DetachCommand.self,
          EditCommand.self, DraftCommand.self, NotesCommand.self, TitleCommand.self, TagCommand.self,
          UntagCommand.self, FolderCommand.self, UnfolderCommand.self, FieldCommand.self, ReadCommand.self,
          PinCommand.self, UnpinCommand.self,
          ArchiveCommand.self, UnarchiveCommand.self, DeleteCommand.self, RestoreCommand.self, UndoCommand.self,
          PurgeCommand.self,
        ]),
      CommandGroup(
        name: "Sync",
        subcommands: [
          PairCommand.self, JoinCommand.self, RecoverCommand.self, DevicesCommand.self, ServeCommand.self,
          SyncCommand.self,
          WatchCommand.self,
          StatusCommand.self, MetricsCommand.self,
        ]),
      CommandGroup(
        name: "Keep",
        subcommands: [
          SettingsCommand.self, ExportCommand.self, VerifyCommand.self, BackupCommand.self, RestoreBackupCommand.self,
          KeyCommand.self,
        ]),
    ])

  /// Parses, runs, and turns whatever goes wrong into one message and an exit status.
  static func main() async {
    Signals.prepare()
    SQLiteMemory.stopCounting()
    // What is written here is its owner's alone.
    umask(0o077)
    let given = Array(CommandLine.arguments.dropFirst())
    var command: (any ParsableCommand)?
    do {
      let parsed = try parsed(given)
      command = parsed
      try await Rereading.run(parsed, json: ArgumentOrder.wantsJSON(given))
    } catch {
      let type = command.map { Swift.type(of: $0) }
      Foundation.exit(Failure.report(error, of: type, json: ArgumentOrder.wantsJSON(given)))
    }
  }

  /// The command that arguments mean.
  static func parsed(_ given: [String]) throws -> any ParsableCommand {
    let arguments = try order.normalised(given)
    try order.check(arguments)
    return try parseAsRoot(arguments)
  }

  /// Whether that is the name of a command of `inspect`, and of no other one.
  static func isOnlyInspecting(_ name: String) -> Bool {
    let commands = order.commands
    return commands["inspect"]?.contains(name) == true && commands[name] == nil
  }

  private static var order: ArgumentOrder {
    func names(_ commands: [any ParsableCommand.Type]) -> Set<String> {
      Set(commands.compactMap { $0.configuration.commandName })
    }
    let commands = configuration.groupedSubcommands.flatMap(\.subcommands).map { command in
      (command.configuration.commandName ?? "", names(command.configuration.subcommands))
    }
    return ArgumentOrder(
      commands: Dictionary(commands) { first, _ in first },
      speaking: names([
        NewCommand.self, SayCommand.self, BranchCommand.self, EditCommand.self, DraftCommand.self,
        NotesCommand.self, TitleCommand.self, TagCommand.self, UntagCommand.self, FolderCommand.self,
        UnfolderCommand.self, FieldCommand.self, SettingsCommand.self, SearchCommand.self,
      ]))
  }
}

/// The program's version.
enum Version {
  /// As `--version` prints it.
  static let text = "0.1.0"
}
