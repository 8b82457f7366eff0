/// Options that stand before the command's name mean the same as after it.
enum ArgumentOrder {
  /// Options with a value that every command takes.
  private static let valued: Set<String> = ["--home", "--color"]
  /// Options without a value that every command takes.
  private static let flags: Set<String> = ["--json"]

  /// `arguments` with the options that precede the command's name moved right behind it.
  static func normalised(_ arguments: [String]) -> [String] {
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
    guard index < arguments.count, !arguments[index].hasPrefix("-") else { return arguments }
    return [arguments[index]] + moved + arguments[(index + 1)...]
  }
}
