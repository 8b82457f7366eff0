internal import Anabranch
internal import ArgumentParser

struct UndoCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "undo", abstract: "Take back what was done, on every device.",
    discussion: """
      Without an argument the last thing done on this device. Only what still stands is taken back: what was changed since \
      stays and is told of, and so is what nothing undoes, such as a purge. To undo an undo brings back what it took. With \
      --from and --since, all that a device did from one of its actions on, as it came with a merge: `anabranch undo --from \
      laptop --since 3f2a`, where `anabranch log --device laptop` shows its actions.
      """)

  @OptionGroup var options: GlobalOptions

  @Argument(help: "The action, by its identifier in `anabranch log` or the beginning of it.")
  var action: String?

  @Option(name: .long, help: ArgumentHelp("All that this device did, by its name or its key.", valueName: "device"))
  var from: String?

  @Option(name: .long, help: ArgumentHelp("With --from: from that action of it on.", valueName: "action"))
  var since: String?

  @Flag(name: [.customLong("dry-run"), .customShort("n")], help: "Only say what it would do.")
  var dryRun = false

  func validate() throws {
    guard (from == nil) == (since == nil) else { throw ValidationError("expected --from and --since together") }
    guard from == nil || action == nil else { throw ValidationError("expected an action, or --from and --since") }
  }

  func run() async throws {
    if dryRun {
      let replica = try await Replica.read(at: options.place)
      let report = try await Request.undo(
        action: action, from: from, since: since, dryRun: true, on: replica)
      try await replica.close()
      return try print(report)
    }
    let request = Request.undo(action: action, from: from, since: since)
    guard let report = try await Writing(options).perform(request).undone else { throw Writing.unexpected }
    try print(report)
  }

  private func print(_ report: UndoReport) throws {
    if report.undo == nil, !report.dryRun {
      throw AnabranchError(
        .invalid, "nothing was undone: " + (report.remaining.first?.text ?? "nothing of it stands any more"),
        remedy: "see `anabranch log` for other actions, and `anabranch undo --dry-run` for all that is in the way")
    }
    try options.output.print(report) { report.text($0) }
  }
}

/// What `undo --json` prints.
struct UndoReport: Codable, Sendable {
  /// Something that was left as it is.
  struct Remainder: Codable, Sendable {
    /// What was to be undone: the number of the operation's kind.
    var kind: UInt32
    /// The object it was done to.
    @Nullable var object: String?
    /// Why it is left: `changed-since`, `continued-since`, `purged`, `words-gone`, `final` or `unknown`.
    var reason: String
    /// The device that is in the way, by its name or its log.
    @Nullable var device: String?
    /// All of that in words.
    var text: String

    init(_ remainder: UndoRemainder, _ names: LogNames) {
      kind = remainder.kind.rawValue
      object = remainder.object?.description
      reason = remainder.reason.rawValue
      let name = remainder.by.map { names[$0] ?? $0.description }
      device = name
      text = RemainderWords.text(remainder, device: name)
    }
  }

  /// An action, in words.
  struct Told: Codable, Sendable {
    var id: String
    /// What was done.
    var text: String
  }

  /// The actions that are undone, the last one first.
  var actions: [String]
  /// What the first of these did.
  var told: [Told]
  /// What was done, in words, where that is one action.
  @Nullable var text: String?
  /// The action that undoes them; null where nothing was written.
  @Nullable var undo: String?
  /// How many things are taken back.
  var reversed: Int
  var remaining: [Remainder]
  /// What was done later and of which nothing stands, where the last thing was to be undone.
  var passedOver: [Told]
  /// Whether it is only told, and not done.
  var dryRun: Bool

  init(_ summary: UndoSummary, on replica: Replica, dryRun: Bool) async throws {
    let names = try await replica.logNames()
    let first = summary.actions.prefix(Self.shownMax)
    var records: [ActionRecord] = []
    for id in first + summary.passedOver { records.append(try await replica.findAction(id.description)) }
    let words = try await ActionWords(for: records, from: replica)
    let texts = Dictionary(records.map { ($0.id, words.text($0)) }) { first, _ in first }
    func told(_ id: ObjectID) -> Told { Told(id: id.description, text: texts[id] ?? "") }
    text = summary.actions.count == 1 ? summary.actions.first.flatMap { texts[$0] } : nil
    (self.told, passedOver) = (first.map(told), summary.passedOver.map(told))
    actions = summary.actions.map(\.description)
    undo = summary.undo?.description
    reversed = summary.reversed
    remaining = summary.remaining.map { Remainder($0, names) }
    self.dryRun = dryRun
  }

  func text(_ style: Style) -> String {
    let name = actions.count == 1 ? String(actions[0].prefix(8)) : Count.text(actions.count, "action")
    let count = Count.text(reversed, "thing")
    let mark = dryRun ? "would undo " : style.green("✓") + " "
    let tail = dryRun ? count : "undone: \(count); `anabranch undo \(undo?.prefix(8) ?? "")` takes that back"
    var lines = [mark + (actions.count == 1 ? style.yellow(name) : name) + (dryRun ? ": " : " ") + tail]
    lines += doings(style)
    for passed in passedOver.prefix(Self.shownMax) {
      let line = "passed over, nothing of it stands: \(passed.id.prefix(8)), \(passed.text)"
      lines += TextWidth.wrap(line, style.columns).map(String.init)
    }
    let shown = remaining.prefix(Self.shownMax)
    lines += shown.flatMap { TextWidth.wrap("left as it is: \($0.text)", style.columns).map(String.init) }
    if remaining.count > shown.count { lines.append("and \(remaining.count - shown.count) more, with --json") }
    return lines.joined(separator: "\n")
  }

  /// What was done, a line an action; of one alone, which the line above has named, without its name.
  private func doings(_ style: Style) -> [String] {
    if let text { return ["  " + TextWidth.fitQuotes(text, style.columns - 2)] }
    let lines = told.map { told in
      var row = FieldRow([
        .init(text: String(told.id.prefix(8)), paint: style.yellow),
        .init(text: TextWidth.fit(told.text, .max), cut: TextWidth.fitQuotes),
      ])
      row.fit(style.columns - 2, cutting: [(1, 1)])
      return "  " + row.text
    }
    let more = actions.count - told.count
    return more > 0 ? lines + [style.dim("  … and \(more) more")] : lines
  }

  /// Actions, and things left, that are told of one by one.
  private static let shownMax = 10
}
