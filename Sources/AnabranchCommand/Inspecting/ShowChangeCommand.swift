internal import Anabranch
internal import ArgumentParser
internal import Foundation

struct ShowChangeCommand: ReadingCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "A change, or all of an action: what it builds on, what it does, and who has it.",
    discussion: """
      CHANGE is an action, as `anabranch log` lists it, or LOG/N, the number of a change in a log. What it says is not \
      shown, only how long that is.
      """)

  @OptionGroup var options: PastOptions

  @Argument(help: "The change.")
  var change: String

  @Option(name: .long, help: ArgumentHelp("At most so many changes of an action.", valueName: "n"))
  var limit = 20

  func validate() throws {
    try checkLimit(limit)
  }

  func run() async throws {
    let replica = try await options.read()
    let all = try await replica.findChanges(change)
    let (names, holders) = (try await replica.logNames(), try await replica.holders())
    let changes = try await replica.changes(Array(all.prefix(limit))).map { ChangeReport($0, names, holders) }
    try await replica.close()
    try options.output.print(changes) { style in
      let rest = all.count - changes.count
      return (changes.map { $0.text(style) } + (rest > 0 ? [style.dim("… and \(Count.changes(rest)) more")] : []))
        .joined(separator: "\n\n")
    }
  }
}

/// A change, as `inspect show --json` prints it.
struct ChangeReport: Encodable {
  struct Dependency: Encodable {
    var log: String
    @Nullable var device: String?
    var sequence: UInt32
    /// The first half of the hash that the change was built on.
    var hash: String
    fileprivate var called: String

    private enum CodingKeys: String, CodingKey { case log, device, sequence, hash }
  }

  struct Operation: Encodable {
    var index: UInt32
    var kind: String
    /// Which value, set or text of its target it changes; null where it changes none.
    @Nullable var what: String?
    /// Null where it makes what it is about.
    @Nullable var target: String?
    /// Of what it says; null where it says nothing, or that is not here.
    @Nullable var contentBytes: Int?
    /// Whether what it says was purged, or has not come yet.
    var isAbsent: Bool
    /// Whether it has no effect, since its device might not do it.
    var isUncounted: Bool
    /// Why it counts though its device might not do it.
    @Nullable var need: NeedReport?
    fileprivate var deed: String

    private enum CodingKeys: String, CodingKey {
      case index, kind, what, target, contentBytes, isAbsent, isUncounted, need
    }
  }

  var log: String
  @Nullable var device: String?
  var sequence: UInt32
  var action: String
  var time: String
  /// By the writer's own clock, however wrong.
  var wall: String
  var hash: String
  /// Null where nobody can tell.
  @Nullable var isIntact: Bool?
  var bytes: Int
  @Nullable var signedAt: UInt32?
  var dependencies: [Dependency]
  var operations: [Operation]
  /// What of it has no effect; null where all of it counts.
  @Nullable var uncounted: UncountedReport?
  /// The other devices that are known to have it, and all others of the space: an empty list of these is a word of everybody.
  var heldBy: [HoldingReport]
  var notKnownAt: [HoldingReport]

  /// What is said of those of its operations that count though its device might not do them; nil where there are none.
  private var needs: (reason: String, builders: [String])?

  private enum CodingKeys: String, CodingKey {
    case log, device, sequence, action, time, wall, hash, isIntact, bytes, signedAt, dependencies, operations,
      uncounted, heldBy
    case notKnownAt
  }

  init(_ record: ChangeRecord, _ names: LogNames, _ holders: Holders) {
    let change = record.change
    if let need = record.needs.min(by: { $0.key < $1.key })?.value {
      var builders: [String] = []
      for (_, need) in record.needs.sorted(by: { $0.key < $1.key }) where !builders.contains(need.builder(names)) {
        builders.append(need.builder(names))
      }
      needs = (Uncounted.reason(need.role), builders)
    }
    log = change.id.log.description
    device = names[change.id.log]
    sequence = change.id.sequence
    action = ChangeID(log: change.id.log, sequence: change.action).actionName.description
    time = Moment.text(change.time.milliseconds)
    wall = Moment.text(change.wall)
    hash = record.hash.description
    isIntact = record.isIntact
    bytes = record.bytes
    signedAt = record.signedAt
    dependencies = change.dependencies.map {
      Dependency(
        log: $0.change.log.description, device: names[$0.change.log], sequence: $0.change.sequence,
        hash: Hexadecimal.encode($0.hash.bytes), called: names.called($0.change.log))
    }
    uncounted = record.uncounted.map { UncountedReport($0) }
    let idle = Set(record.uncounted?.operations.map(\.index) ?? [])
    operations = change.operations.map { operation in
      let content = operation.envelope.content
      let isAbsent = if case .absent = content { true } else { false }
      return Operation(
        index: operation.index, kind: operation.envelope.kind.name, what: operation.mutation.what,
        target: operation.envelope.target?.description, contentBytes: content.bytes?.count, isAbsent: isAbsent,
        isUncounted: idle.contains(operation.index),
        need: record.needs[operation.index].map { NeedReport($0) },
        deed: operation.mutation.deed ?? operation.envelope.kind.deed)
    }
    let holdings = holders.holdings(of: change.id)
    heldBy = holdings.filter(\.holding.isHeld).map { HoldingReport($0.device, $0.holding) }
    notKnownAt = holdings.filter { !$0.holding.isHeld }.map { HoldingReport($0.device, $0.holding) }
  }

  // MARK: Text

  private static let altered =
    "its bytes do not have this hash after the change before it: see `anabranch inspect check`"
  private static let untold =
    "whether its bytes have this hash cannot be told, for the change before it is not there: see `anabranch inspect check`"
  private static let labelColumns = 14
  /// So many actions that were built on it are named at most.
  private static let buildersMax = 3

  func text(_ style: Style) -> String {
    var title = FieldRow([
      .init(text: "Change \(sequence)", paint: style.bold),
      .init(text: device ?? "", paint: style.cyan),
      .init(text: log, paint: style.dim),
      .init(text: "action \(action.prefix(8))", paint: style.yellow),
    ])
    title.fit(style.columns, cutting: [(2, 8), (1, 4)])
    var lines = [title.text]
    func fact(_ label: String, _ value: String, _ paint: (String) -> String = { $0 }) {
      for (place, line) in TextWidth.wrap(value, style.columns - Self.labelColumns - 2).enumerated() {
        lines.append("  " + style.dim(TextWidth.pad(place == 0 ? label : "", Self.labelColumns)) + paint(String(line)))
      }
    }
    fact("made", time + (wall == time ? "" : ", when its device's clock said \(wall)"))
    fact("hash", hash)
    if isIntact != true { fact("", isIntact == nil ? Self.untold : Self.altered, style.red) }
    fact("bytes", "\(bytes)")
    fact("signed", signedAt.map { "at change \($0) of its log" } ?? "its author's signature is not here")
    let basis =
      (sequence > 1 ? ["\(sequence - 1) of its log"] : []) + dependencies.map { "\($0.sequence) of \($0.called)" }
    fact("builds on", basis.isEmpty ? "nothing" : "change " + basis.joined(separator: ", "))
    if let uncounted { fact("effect", uncounted.words, style.magenta) }
    if let needs {
      if uncounted == nil { fact("effect", "all of it, though \(needs.reason)") }
      let (named, more) = (needs.builders.prefix(Self.buildersMax), needs.builders.count - Self.buildersMax)
      fact(
        "needed",
        "by \(named.joined(separator: ", "))\(more > 0 ? " and \(more) more" : ""), which "
          + "\(needs.builders.count > 1 ? "were" : "was") built on it")
    }
    if !heldBy.isEmpty { fact("known on", heldBy.map(\.words).joined(separator: ", "), style.green) }
    if !notKnownAt.isEmpty {
      fact("not known", "whether on \(notKnownAt.map(\.words).joined(separator: ", "))", style.yellow)
    }
    for operation in operations.prefix(Self.operationsMax) {
      let size = operation.contentBytes.map { Count.bytes(UInt64($0)) } ?? (operation.isAbsent ? "not here" : "")
      var row = FieldRow([
        .init(text: "  \(operation.index)", paint: style.dim),
        .init(text: operation.deed),
        .init(text: operation.target.map { String($0.prefix(8)) } ?? "", paint: style.yellow),
        .init(text: size, paint: style.dim),
        .init(text: operation.isUncounted && uncounted?.isAll == false ? "without effect" : "", paint: style.magenta),
      ])
      row.fit(style.columns, cutting: [(1, 8)])
      lines.append(row.text)
    }
    let rest = operations.count - Self.operationsMax
    if rest > 0 { lines.append(style.dim("  … and \(Count.text(rest, "operation")) more")) }
    return lines.joined(separator: "\n")
  }

  /// Operations of a change that are listed for people; JSON has all.
  private static let operationsMax = 30
}
