internal import ArgumentParser

/// What stands where among the arguments.
///
/// Options that stand before the command's name mean the same as after it, and a text never means an option.
struct ArgumentOrder {
  /// Options with a value that every command takes, or every one that reads.
  private static let valued: Set<String> = ["--home", "--color", "--passphrase-file", "--database"]
  /// Options without a value that every command takes.
  private static let flags: Set<String> = ["--json"]
  /// What shows something instead of doing it.
  private static let shows: Set<String> = ["--help", "-h", "--help-hidden", "--version", "--experimental-dump-help"]

  /// The names of all commands, each with those of its own subcommands.
  let commands: [String: Set<String>]
  /// Those of them that take a text from outside, a title, a tag or a query.
  let speaking: Set<String>

  /// `arguments` with the options that precede the command's name, or its subcommand's, moved right behind the last of the two.
  ///
  /// Throws where something else than a command's name follows the first ones.
  func normalised(_ arguments: [String]) throws -> [String] {
    let index = try Self.leadingOptions(of: arguments)
    guard index < arguments.count else {
      guard index > 0 else { return arguments }
      throw ValidationError("expected a command's name")
    }
    let rest = arguments[index...]
    // What is no command's name is left to the parser: help, the version, or a complaint about just that.
    guard let name = rest.first, let subcommands = commands[name] else { return Array(rest) }
    let behind = rest.dropFirst()
    let inner = subcommands.isEmpty ? 0 : try Self.leadingOptions(of: Array(behind))
    guard let subcommand = behind.dropFirst(inner).first, subcommands.contains(subcommand) else {
      return [name] + arguments[..<index] + behind
    }
    return [name, subcommand] + arguments[..<index] + behind.prefix(inner) + behind.dropFirst(inner + 1)
  }

  /// How many of the arguments, from the first one on, are options that every command takes, and their values.
  static func leadingOptions(of arguments: [String]) throws -> Int {
    var index = 0
    while index < arguments.count {
      let argument = arguments[index]
      let name = argument.split(separator: "=", maxSplits: 1).first.map(String.init) ?? argument
      if flags.contains(argument) || (valued.contains(name) && argument.contains("=")) {
        index += 1
      } else if valued.contains(argument) {
        guard index + 1 < arguments.count else { throw ValidationError("expected a value after \(argument)") }
        index += 2
      } else {
        break
      }
    }
    return index
  }

  /// Refuses what might be a text taken for an option.
  ///
  /// That is what looks like several short options in one, such as `-hello`: no command has any. And behind the
  /// first argument of a command that takes a text, what would show the help instead of writing it.
  func check(_ arguments: [String]) throws {
    let speaks = arguments.first.map(speaking.contains) ?? false
    for (index, argument) in arguments.prefix(while: { $0 != "--" }).enumerated() where argument.hasPrefix("-") {
      let isCluster = argument.count > 2 && !argument.hasPrefix("--")
      let isLate = speaks && index > 1 && Self.shows.contains(argument)
      guard !isCluster && !isLate else {
        throw ValidationError(
          "unknown option “\(argument)”; a text that starts with a dash goes behind “--”")
      }
    }
  }

  /// Whether JSON is wanted, also where the arguments cannot be parsed.
  static func wantsJSON(_ arguments: [String]) -> Bool {
    arguments.prefix { $0 != "--" }.contains("--json")
  }
}
