internal import Anabranch
internal import ArgumentParser
internal import Foundation

struct DiffCommand: RereadableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff", abstract: "What differs between two replicas, files or times.",
    discussion: """
      Each of the two is a time, like 2026-11-28 (its beginning), 2026-11-28T09:30Z or 12h (ago); a change, an action as \
      `anabranch log` lists it or LOG/N; or the path, with a / in it, of a replica's folder or of a database file. The second is what \
      is here now, unless given. A + is only in the second, a - only in the first, and ~ in both.
      """)

  @OptionGroup var options: ReadingOptions

  @Argument(help: "What is compared.")
  var first: String

  @Argument(help: "What it is compared with.")
  var second: String?

  @Option(name: .long, help: ArgumentHelp("Of how many conversations it is told what, the last first.", valueName: "n"))
  var limit = 20

  func validate() throws {
    try checkLimit(limit)
  }

  func run() async throws {
    let difference = try await difference()
    try options.output.print(HistoryDifferenceReport(difference)) {
      HistoryDifferenceView(difference: difference, style: $0).text
    }
  }

  private func difference() async throws -> HistoryDifference {
    if let difference = try await differenceOfPasts() { return difference }
    let (before, after) = try await openBoth()
    let difference = try await Replica.difference(from: before, to: after, limit: limit)
    try await before.close()
    try await after.close()
    return difference
  }

  /// What differs between two points in the past of one history, where the later one goes on from the earlier one; nil where it does not, or
  /// one of the two is something else.
  private func differenceOfPasts() async throws -> HistoryDifference? {
    guard let second, !Self.isPath(first), !Self.isPath(second) else { return nil }
    let progress = PastOptions.progressLine()
    defer { progress.clear() }
    let replica = try await options.read()
    let (before, after) = (
      try await PastOptions.point(first, in: replica), try await PastOptions.point(second, in: replica)
    )
    let difference = try await replica.difference(
      from: before, to: after, limit: limit, progress: progress.part("changes"))
    try await replica.close()
    return difference
  }

  /// Opens the two at the same time: each way back takes as long as its history.
  private func openBoth() async throws -> (before: Replica, after: Replica) {
    let progress = PastOptions.progressLine()
    defer { progress.clear() }
    async let before = open(first, progress)
    async let after = open(second, progress)
    return (try await before, try await after)
  }

  private func open(_ side: String?, _ progress: ProgressLine) async throws -> Replica {
    guard let side else { return try await options.read() }
    guard Self.isPath(side) else {
      var past = PastOptions()
      (past.reading, past.asOf) = (options, side)
      return try await past.read(progress)
    }
    let home = Home(side)
    // It may be somebody else's: nothing is left beside it.
    return try await options.global.read(database: home.exists ? home.database : side)
  }

  /// As a shell does it: a word without a slash is no path.
  private static func isPath(_ side: String) -> Bool {
    side.contains("/") && side.wholeMatch(of: change) == nil
  }

  /// The number of a change in a log, and of an operation in that.
  private static var change: Regex<Substring> { /[0-9a-fA-F]{4,32}(?:\/[0-9]+){1,2}/ }
}
