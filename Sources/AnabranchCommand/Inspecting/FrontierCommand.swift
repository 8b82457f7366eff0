internal import Anabranch
internal import ArgumentParser

struct FrontierCommand: ReadingCommand {
  static let configuration = CommandConfiguration(
    commandName: "frontier",
    abstract: "The changes that nothing builds on yet: what was done concurrently, at the end.",
    discussion:
      "Whoever writes next builds on all of them, as far as signatures prove them. `inspect show LOG/N` tells more.")

  @OptionGroup var options: PastOptions

  func run() async throws {
    let replica = try await options.read()
    let logs = try await replica.causalState().logs.filter(\.isOnFrontier)
    let names = try await replica.logNames()
    try await replica.close()
    try options.output.print(logs.map { FrontierReport($0, names[$0.log]) }) { style in
      guard !logs.isEmpty else { return style.dim("Nothing was written yet.") }
      return logs.map { log in
        var row = FieldRow([
          .init(text: "\(log.log.description.prefix(8))/\(log.count)", paint: style.yellow),
          .init(text: Moment.short(log.time.milliseconds), paint: style.dim),
          .init(text: TextWidth.fit(names[log.log] ?? "unknown", style.columns), paint: style.cyan),
        ])
        row.fit(style.columns, cutting: [(2, 1)])
        return row.text
      }.joined(separator: "\n")
    }
  }
}

/// A change that nothing builds on, as `inspect frontier --json` prints it.
struct FrontierReport: Encodable {
  var log: String
  var sequence: UInt32
  var hash: String
  /// What the writing device is called; null where that is not known.
  @Nullable var device: String?
  /// When it was made, by its writer's hybrid clock.
  var time: String

  init(_ log: LogRecord, _ name: String?) {
    (self.log, sequence, hash) = (log.log.description, log.count, log.hash.description)
    device = name
    time = Moment.text(log.time.milliseconds)
  }
}
