internal import ArgumentParser

/// Options that stand before the command's name mean the same as after it.
enum ArgumentOrder {
  /// Options with a value that every command takes.
  private static let valued: Set<String> = ["--home", "--color"]
  /// Options without a value that every command takes.
  private static let flags: Set<String> = ["--json"]

  /// `arguments` with the options that precede the command's name moved right behind it.
  ///
  /// `commands` are the names of all commands.
  static func normalised(_ arguments: [String], commands: Set<String>) -> [String] {
    var moved: [String] = []
    var index = 0
    while index < arguments.count {
      let argument = arguments[index]
      let name = argument.split(separator: "=", maxSplits: 1).first.map(String.init) ?? argument
      if flags.contains(argument) || (valued.contains(name) && argument.contains("=")) {
        moved.append(argument)
        index += 1
      } else if valued.contains(argument), index + 1 < arguments.count {
        moved += arguments[index...index + 1]
        index += 2
      } else {
        break
      }
    }
    guard index < arguments.count, commands.contains(arguments[index]) else { return arguments }
    return [arguments[index]] + moved + arguments[(index + 1)...]
  }

  /// Refuses what looks like several short options in one, such as `-hello`: no command has any, and a text must
  /// never be taken for options.
  static func check(_ arguments: [String]) throws {
    for argument in arguments.prefix(while: { $0 != "--" })
    where argument.count > 2 && argument.hasPrefix("-") && !argument.hasPrefix("--") {
      throw ValidationError(
        "unknown option “\(argument)”; a text that starts with a dash goes behind “--”")
    }
  }
}
