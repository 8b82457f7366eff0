internal import Anabranch
internal import ArgumentParser

struct ClockCommand: RereadableCommand {
  static let configuration = CommandConfiguration(
    commandName: "clock", abstract: "Where this device's clock stands, and whose clock is off.",
    discussion: """
      By the last change of each log. Of titles and the like that were written concurrently the later one shows, by \
      the writers' hybrid clocks: so a clock that is ahead wins. It is followed where it was ahead by no more than five \
      minutes when its words came.
      """)

  @OptionGroup var options: ReadingOptions

  func run() async throws {
    let replica = try await options.read()
    let (state, names) = (try await replica.causalState(), try await replica.logNames())
    try await replica.close()
    let logs = state.logs.map { LogClockReport($0, names, wall: state.wall, latest: state.latest) }
    let report = ClockReport(
      wall: Moment.text(state.wall), latest: Moment.text(state.latest.milliseconds), logs: logs)
    try options.output.print(report) { style in
      let own = [
        "This device's clock says    \(report.wall)", "The latest it has followed  \(report.latest)",
      ]
      let columns = LogClockReport.nameColumns(of: logs)
      return (own + logs.map { $0.text(style, nameColumns: columns) }).joined(separator: "\n")
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
    /// It is ahead of this device's, and what this device writes next is later all the same.
    case ahead
    /// It is ahead, and this device does not follow it, since it was so by more than five minutes when that came: what it says wins over
    /// what is written here.
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
  private let called: String
  private let isOwn: Bool

  private enum CodingKeys: String, CodingKey { case log, device, time, clock, state, offMs }

  /// From so many milliseconds on it is worth a word that a clock was behind.
  private static let behindMsMin: Int64 = 60_000

  /// The clock of that log's writer for a device whose clock says `wall`, and which has followed others up to `latest`.
  init(_ log: LogRecord, _ names: LogNames, wall: Int64, latest: HybridTime) {
    self.log = log.log.description
    (device, called, isOwn) = (names[log.log], names.called(log.log), log.isOwn)
    milliseconds = log.time.milliseconds
    (time, clock) = (Moment.text(milliseconds), Moment.text(log.clock))
    let ahead = log.time.milliseconds.subtractingReportingOverflow(wall)
    let behind = log.time.milliseconds.subtractingReportingOverflow(log.clock)
    switch (ahead.overflow ? .max : ahead.partialValue, behind.overflow ? .max : behind.partialValue) {
    // What this device wrote itself it follows, and also what it had followed before its clock was put back.
    case (let ahead, _) where ahead > 0 && log.time > latest: (state, offMs) = (.beyond, ahead)
    case (let ahead, _) where ahead > 0: (state, offMs) = (.ahead, ahead)
    case (_, let behind) where behind >= Self.behindMsMin: (state, offMs) = (.behind, behind)
    default: (state, offMs) = (.inStep, 0)
    }
  }

  private static let nameColumnsMin = 16

  /// Columns that the names of `logs` take.
  static func nameColumns(of logs: [LogClockReport]) -> Int {
    let widest = logs.map { TextWidth.columns($0.called) }.max() ?? 0
    return max(nameColumnsMin, min(widest, 2 * nameColumnsMin))
  }

  func text(_ style: Style, nameColumns: Int = nameColumnsMin) -> String {
    let off = Count.span(offMs)
    let (words, paint): (String, (String) -> String) =
      switch state {
      case .inStep: ("in step", style.dim)
      case .ahead where isOwn: ("\(off) ahead of its own clock now", style.dim)
      case .ahead: ("\(off) ahead of this device's clock", style.dim)
      case .beyond: ("\(off) ahead: not followed, and it wins", style.yellow)
      case .behind: ("\(off) behind what it had seen", style.yellow)
      }
    var row = FieldRow([
      .init(
        text: TextWidth.pad(TextWidth.fit(called, nameColumns), nameColumns), paint: style.cyan),
      .init(text: Moment.short(milliseconds), paint: style.dim),
      .init(text: words, paint: paint),
    ])
    row.fit(style.columns, cutting: [(2, 1)])
    return row.text
  }
}
