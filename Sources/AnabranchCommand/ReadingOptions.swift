internal import Anabranch
internal import ArgumentParser

/// What every command takes that only reads a history: whose it reads.
struct ReadingOptions: ParsableArguments {
  @OptionGroup var global: GlobalOptions

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Read that database file instead, such as a backup or a copy that somebody handed over.", valueName: "file"))
  var database: String?

  /// Where the command's result goes.
  var output: Output { global.output }

  mutating func validate() throws {
    try Self.refuseBlank(database, expected: "a file after --database")
    guard database == nil || global.home == nil else { throw ValidationError("expected either --home or --database") }
  }

  /// The home that is read, where somebody may serve it; nil for a file.
  var served: Home? {
    database == nil ? global.place : nil
  }

  /// Opens what is to be read; in a ``Rereading``, what can be read of it.
  func read() async throws -> Replica {
    guard let database else { return try await global.read() }
    return try await global.read(database: database)
  }
}

/// What every command takes that reads a history and can do so as of a point in its past.
struct PastOptions: ParsableArguments {
  @OptionGroup var reading: ReadingOptions

  @Option(
    name: .long,
    help: ArgumentHelp(
      """
      As it was then: at a time, like 2026-11-28 (its beginning), 2026-11-28T09:30Z or 12h (ago); or when a change was made, an \
      action as `anabranch log` lists it or LOG/N.
      """, valueName: "time|change"))
  var asOf: String?

  /// Where the command's result goes.
  var output: Output { reading.output }

  mutating func validate() throws {
    try Self.refuseBlank(asOf, expected: "a time or a change after --as-of")
  }

  /// Opens what is to be read, as it was then.
  func read() async throws -> Replica {
    let progress = Self.progressLine()
    defer { progress.clear() }
    return try await read(progress)
  }

  /// The same, where `progress` shows how far other ones are as well, and is cleared by whoever made it.
  func read(_ progress: ProgressLine) async throws -> Replica {
    let replica = try await reading.read()
    guard let asOf else { return replica }
    let point = try await Self.point(asOf, in: replica)
    try await replica.rewind(to: point, progress: progress.part("changes"))
    return replica
  }

  /// The line that shows how far a way back is.
  static func progressLine() -> ProgressLine { ProgressLine("Going back") }

  /// So many hexadecimal digits are an action's identifier, also where they might be a time.
  private static let identifierDigits = 8

  /// The point in the past of `replica` that was asked for.
  static func point(_ text: String, in replica: Replica) async throws -> PastPoint {
    let isIdentifier = text.count >= identifierDigits && text.allSatisfy(\.isHexDigit)
    if !isIdentifier, let time = Moment.parsed(text) { return .moment(time) }
    guard text.contains("/") || text.allSatisfy(\.isHexDigit) && !text.isEmpty else {
      throw AnabranchError(
        .invalid, "expected a time like 2026-11-28, 2026-11-28T09:30Z or 12h, or an action or LOG/N, got “\(text)”",
        remedy: "see `anabranch log` for actions; the path of a file or folder has a / in it")
    }
    return .changes(try await replica.findChanges(text))
  }
}

/// A command that reads a history, also as it was.
protocol ReadingCommand: RereadableCommand {
  var options: PastOptions { get set }
}
