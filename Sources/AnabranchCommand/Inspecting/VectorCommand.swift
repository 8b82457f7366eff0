internal import Anabranch
internal import ArgumentParser

struct VectorCommand: ReadingCommand {
  static let configuration = CommandConfiguration(
    commandName: "vector",
    abstract: "How far each log is held: two replicas with the same vector and hashes hold the same changes.",
    discussion: """
      The hash is of all changes of the log up to the last one, begun with 8 of its 64 digits. A device has several logs where it was \
      restored from a backup, or its log has forked.
      """)

  @OptionGroup var options: PastOptions

  func run() async throws {
    let replica = try await options.read()
    let (state, names) = (try await replica.causalState(), try await replica.logNames())
    try await replica.close()
    try options.output.print(state.logs.map { LogHoldingReport($0, names[$0.log]) }) { style in
      guard !state.logs.isEmpty else { return style.dim("Nothing was written yet.") }
      return state.logs.map { Self.text($0, names, style) }.joined(separator: "\n")
    }
  }

  private static let nameColumns = 16

  private static func text(_ log: LogRecord, _ names: LogNames, _ style: Style) -> String {
    let unproved = log.count - log.provable
    var row = FieldRow([
      .init(
        text: TextWidth.pad(TextWidth.fit(names[log.log] ?? "unknown", nameColumns), nameColumns), paint: style.cyan),
      .init(text: String(log.log.description.prefix(8)), paint: style.yellow),
      .init(text: TextWidth.pad(Count.changes(log.count), 13)),
      .init(text: String(log.hash.description.prefix(8)), paint: style.dim),
      .init(text: Moment.short(log.time.milliseconds), paint: style.dim),
      .init(text: log.isOwn ? "own log" : "", paint: style.green),
    ])
    row.fit(style.columns, cutting: [(5, 0), (4, 0)])
    var notes: [String] = []
    if let first = log.branchedFrom {
      let root = names[first.log].map { " of \($0)" } ?? ""
      notes.append(
        "a branch: it begins with change \(first.sequence) of \(first.log.description.prefix(8))\(root), which forked")
    }
    if unproved > 0 { notes.append("no signature has come for the last \(Count.changes(unproved)): not passed on") }
    return ([row.text] + notes.map { "    " + style.dim(TextWidth.fit($0, style.columns - 4)) }).joined(separator: "\n")
  }
}

/// How far a log is held, as `inspect vector --json` prints it.
struct LogHoldingReport: Encodable {
  /// Of which log a branch is one, and with which of its changes it begins.
  struct Origin: Codable {
    var log: String
    var first: UInt32
  }

  var log: String
  /// What the writing device is called, and its public key; null where that is not known.
  @Nullable var device: String?
  @Nullable var key: String?
  var isOwn: Bool
  var changes: UInt32
  /// The hash of the last one.
  var hash: String
  /// Up to where signatures prove it.
  var proved: UInt32
  /// When the last one was made, by its writer's hybrid clock.
  var time: String
  /// Null for a log that is no branch.
  @Nullable var branchOf: Origin?

  init(_ log: LogRecord, _ name: String?) {
    self.log = log.log.description
    (device, key) = (name, log.device?.description)
    (isOwn, changes, proved) = (log.isOwn, log.count, log.provable)
    hash = log.hash.description
    time = Moment.text(log.time.milliseconds)
    branchOf = log.branchedFrom.map { Origin(log: $0.log.description, first: $0.sequence) }
  }
}
