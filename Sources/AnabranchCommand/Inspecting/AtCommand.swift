internal import Anabranch
internal import ArgumentParser

struct AtCommand: RereadableCommand {
  static let configuration = CommandConfiguration(
    commandName: "at", abstract: "Any reading command, as of then.",
    usage: "anabranch inspect at [--home <dir>] [--database <file>] [--json] <when> <command> [<argument> ...]",
    discussion: """
      WHEN is a time, like 2026-11-28 (its beginning), 2026-11-28T09:30Z or 12h (ago); or a change, and then it is read as it was \
      when that was made: an action, as `anabranch log` lists it, or LOG/N. What follows is a command with its arguments, such as \
      `list`, `show ID`, `search WORDS` or `inspect why ID title`. The same is said by `--as-of WHEN` behind the command.
      """)

  @Argument(
    parsing: .captureForPassthrough, help: ArgumentHelp("The time or the change, then the command.", valueName: "when"))
  var arguments: [String]

  func run() async throws {
    let options = try ArgumentOrder.leadingOptions(of: arguments)
    if let first = arguments.dropFirst(options).first, Self.help.contains(first) { throw CleanExit.helpRequest(self) }
    guard arguments.count >= options + 2 else {
      throw ValidationError("expected a time or a change, and then a command, such as `inspect at 12h list`")
    }
    let when = arguments[options]
    var command = arguments[(options + 1)...]
    // `inspect at 12h why ID`: what is none by itself is one of this command's neighbours.
    if let name = command.first, AnabranchCommand.isOnlyInspecting(name) { command = ["inspect"] + command }
    var parsed = try parsed(command, with: arguments[..<options])
    if command.contains(where: Self.help.contains), !(parsed is any ReadingCommand) { return try parsed.run() }
    guard var reading = parsed as? any ReadingCommand else {
      throw ValidationError(
        "expected a command that reads the history, such as list, show, search, log or inspect why, got "
          + "“\(command.prefix(command.first == "inspect" ? 2 : 1).joined(separator: " "))”")
    }
    guard reading.options.asOf == nil else { throw ValidationError("expected one time or change, got --as-of as well") }
    reading.options.asOf = when
    try await reading.run()
  }

  /// The command with options that stand before it. What is wrong with the command itself is said first: without one, no option fits.
  private func parsed(
    _ command: ArraySlice<String>, with options: ArraySlice<String>
  ) throws -> any ParsableCommand {
    do {
      return try AnabranchCommand.parsed(Array(options + command))
    } catch {
      _ = try AnabranchCommand.parsed(Array(command))
      throw error
    }
  }

  private static let help: Set<String> = ["--help", "-h"]
}
