internal import Anabranch
internal import ArgumentParser

struct ClockCommand: RereadableCommand {
  static let configuration = CommandConfiguration(
    commandName: "clock", abstract: "Where this device's clock stands, and whose clock is off.",
    discussion: """
      By the last change of each log. Of titles and the like that were written concurrently the later one shows, by \
      the writers' hybrid clocks: so a clock that is ahead wins. It is not followed, but for five minutes.
      """)

  @OptionGroup var options: ReadingOptions

  func run() async throws {
    let replica = try await options.read()
    let (state, names) = (try await replica.causalState(), try await replica.names())
    try await replica.close()
    let logs = state.logs.map { LogClockReport($0, names[$0.log], wall: state.wall) }
    let report = ClockReport(
      wall: Moment.text(state.wall), latest: Moment.text(state.latest.milliseconds), logs: logs)
    try options.output.print(report) { style in
      let own = [
        "This device's clock says    \(report.wall)", "The latest it has followed  \(report.latest)",
      ]
      return (own + logs.map { $0.text(style) }).joined(separator: "\n")
    }
  }
}

/// Clocks, as `inspect clock --json` prints them.
struct ClockReport: Encodable {
  /// What this device's clock says.
  var wall: String
  /// The latest hybrid time that it follows.
  var latest: String
  var logs: [LogClockReport]
}

/// The clock of a log's writer, when it wrote last.
struct LogClockReport: Encodable {
  /// What is to be said of it.
  enum State: String, Encodable {
    /// It is as this device's, or behind it, as far as that can be told.
    case inStep = "in-step"
    /// It is ahead of this device's by less than five minutes: that is followed.
    case ahead
    /// It is ahead by more: nobody follows it, and what it says wins over what is written elsewhere.
    case beyond
    /// The writer's own clock was behind what it had seen by more than a minute.
    case behind
  }

  var log: String
  @Nullable var device: String?
  /// When the last change was made, by the hybrid clock; and what the writer's own clock said.
  var time: String
  var clock: String
  var state: State
  /// By how much, in milliseconds; 0 where it is in step.
  var offMs: Int64

  private let milliseconds: Int64

  private enum CodingKeys: String, CodingKey { case log, device, time, clock, state, offMs }

  /// From so many milliseconds on it is worth a word that a clock was behind.
  private static let behindMsMin: Int64 = 60_000

  init(_ log: LogRecord, _ name: String?, wall: Int64) {
    self.log = log.log.description
    device = name
    milliseconds = log.time.milliseconds
    (time, clock) = (Moment.text(milliseconds), Moment.text(log.clock))
    let ahead = log.time.milliseconds.subtractingReportingOverflow(wall)
    let behind = log.time.milliseconds.subtractingReportingOverflow(log.clock)
    switch (ahead.overflow ? .max : ahead.partialValue, behind.overflow ? .max : behind.partialValue) {
    case (let ahead, _) where ahead > HybridClock.driftMsMax: (state, offMs) = (.beyond, ahead)
    case (let ahead, _) where ahead > 0: (state, offMs) = (.ahead, ahead)
    case (_, let behind) where behind >= Self.behindMsMin: (state, offMs) = (.behind, behind)
    default: (state, offMs) = (.inStep, 0)
    }
  }

  private static let nameColumns = 16

  func text(_ style: Style) -> String {
    let off = Count.span(offMs)
    let (words, paint): (String, (String) -> String) =
      switch state {
      case .inStep: ("in step", style.dim)
      case .ahead: ("\(off) ahead of this device's clock", style.dim)
      case .beyond: ("\(off) ahead: not followed, and it wins", style.yellow)
      case .behind: ("\(off) behind what it had seen", style.yellow)
      }
    var row = FieldRow([
      .init(
        text: TextWidth.pad(TextWidth.fit(device ?? String(log.prefix(8)), Self.nameColumns), Self.nameColumns),
        paint: style.cyan),
      .init(text: Moment.short(milliseconds), paint: style.dim),
      .init(text: words, paint: paint),
    ])
    row.fit(style.columns, cutting: [(2, 1)])
    return row.text
  }
}
