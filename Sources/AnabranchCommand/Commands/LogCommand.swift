internal import Anabranch
internal import ArgumentParser

struct LogCommand: ReadingCommand {
  static let configuration = CommandConfiguration(
    commandName: "log", abstract: "What was done, on all devices, the last thing first.",
    discussion: """
      Each line is an action: what a person did in one go, an import too. `anabranch undo` takes one back, by its \
      identifier or the beginning of it. What is undone is marked so, and what has no effect, since its device might not do it.
      """)

  @OptionGroup var options: PastOptions

  @Option(name: .long, help: ArgumentHelp("At most so many.", valueName: "n"))
  var limit = 20

  @Option(name: .long, help: ArgumentHelp("Only what that device did, by its name or its key.", valueName: "name"))
  var device: String?

  func validate() throws {
    try checkLimit(limit)
  }

  func run() async throws {
    let replica = try await options.read()
    let names = try await replica.logNames()
    var writer: Digest?
    if let device { writer = try await replica.findDevice(device) }
    let actions = try await replica.actions(of: writer, limit: limit).actions
    let words = try await ActionWords(for: actions, from: replica)
    try await replica.close()
    let described = actions.map { (action: $0, text: words.text($0)) }
    try options.output.print(described.map { ActionReport($0.action, $0.text, names) }) { style in
      guard !actions.isEmpty else { return style.dim("Nothing was done yet.") }
      return described.map { Self.line($0.action, $0.text, names, style) }.joined(separator: "\n")
    }
  }

  private static let nameColumns = 12

  private static func line(
    _ action: ActionRecord, _ text: String, _ names: LogNames, _ style: Style
  ) -> String {
    let name = names[action.first.log] ?? action.first.log.description
    let mark = action.undoneBy == nil ? action.uncounted?.mark : "undone"
    var row = FieldRow([
      .init(text: action.id.short, paint: style.yellow),
      .init(text: Moment.short(action.time.milliseconds), paint: style.dim),
      .init(text: TextWidth.pad(name, nameColumns), paint: style.cyan),
      .init(text: TextWidth.fit(text, .max), paint: { mark == nil ? $0 : style.dim($0) }, cut: TextWidth.fitQuotes),
      .init(text: mark ?? "", paint: style.magenta),
    ])
    row.fit(style.columns, cutting: [(textPlace, 1)])
    return row.text
  }

  /// Place in the row of what was done.
  private static let textPlace = 3
}

/// An action, as `log --json` prints it.
struct ActionReport: Codable, Sendable {
  var id: String
  var time: String
  /// The log of the device that did it.
  var log: String
  /// What people call that device.
  @Nullable var device: String?
  /// What was done, in words.
  var text: String
  /// The actions that it undoes.
  var undoes: [String]
  /// The action that undoes it; null as long as it stands.
  @Nullable var undoneBy: String?
  /// What of it has no effect; null where all of it counts.
  @Nullable var uncounted: UncountedReport?

  init(_ action: ActionRecord, _ text: String, _ names: LogNames) {
    id = action.id.description
    time = Moment.text(action.time.milliseconds)
    log = action.first.log.description
    device = names[action.first.log]
    self.text = text
    undoes = action.undoes.map(\.actionName.description)
    undoneBy = action.undoneBy.map(\.actionName.description)
    uncounted = action.uncounted.map { UncountedReport($0) }
  }
}
