internal import Anabranch
internal import ArgumentParser

struct GraphCommand: ReadingCommand {
  static let configuration = CommandConfiguration(
    commandName: "log", abstract: "What was done, in causal order, with what was done concurrently side by side.",
    discussion: """
      The newest first: each change stands before all that it builds on. Where no line leads from one down to another, neither \
      writer had seen the other one's. `inspect show LOG/N` tells more of one. The pictures have one lane a log, and time runs down.
      With --device lines through what others did are not drawn; what builds on that alone has `~` below it.
      """)

  @OptionGroup var options: PastOptions

  @Flag(help: "Draw what builds on what.")
  var graph = false

  @Option(name: .long, help: ArgumentHelp("At most so many; up to 10000.", valueName: "n"))
  var limit = 20

  @Option(
    name: [.customLong("device"), .customLong("replica")],
    help: ArgumentHelp("Only what that device did, by its name or its key.", valueName: "name"))
  var device: String?

  @Option(
    name: .long,
    help: ArgumentHelp("Only since then, like 2026-11-28 or 2026-11-28T09:30Z; or 90m, 12h, 7d ago.", valueName: "time")
  )
  var since: String?

  @Option(name: .long, help: ArgumentHelp("Also draw it as a picture, in a file of that name.", valueName: "file"))
  var svg: String?

  @Option(name: .long, help: ArgumentHelp("Also write it for Graphviz, to a file of that name.", valueName: "file"))
  var dot: String?

  func validate() throws {
    try checkLimit(limit, most: Self.limitMax)
    try Self.refuseBlank(svg, expected: "a file after --svg")
    try Self.refuseBlank(dot, expected: "a file after --dot")
    guard svg == nil || svg != dot else {
      throw ValidationError("expected two files after --svg and --dot, got one twice")
    }
    if let since, Moment.parsed(since) == nil {
      throw ValidationError("expected a time like 2026-11-28, 2026-11-28T09:30Z, 90m, 12h or 7d, got “\(since)”")
    }
  }

  private static let limitMax = 10_000

  func run() async throws {
    let (entries, hasMore) = try await entries()
    try draw(entries, hasMore: hasMore)
    try options.output.print(entries) { style in
      guard !entries.isEmpty else { return style.dim("Nothing was written\(since == nil ? " yet" : " since then").") }
      return (lines(entries, style) + (hasMore ? [style.dim("… and more before; --limit")] : [])).joined(
        separator: "\n")
    }
  }

  /// What is to be shown, and whether there is more.
  private func entries() async throws -> ([GraphEntry], hasMore: Bool) {
    let replica = try await options.read()
    var writer: Digest?
    if let device { writer = try await replica.findDevice(device) }
    let graph = try await replica.graph(limit: limit, of: writer, since: since.flatMap(Moment.parsed))
    let entries = try await GraphEntry.all(of: graph.nodes, from: replica)
    try await replica.close()
    return (entries, graph.hasMore)
  }

  // MARK: Pictures

  private func draw(_ entries: [GraphEntry], hasMore: Bool) throws {
    guard svg != nil || dot != nil else { return }
    var diagram = CausalDiagram(entries).folded()
    diagram.hasMore = hasMore
    for (file, picture) in [(svg, diagram.svg), (dot, diagram.dot)] {
      if let file { try ExportTarget.write(picture(), toPicture: file, isQuiet: options.output.json) }
    }
  }

  // MARK: Text

  private func lines(_ entries: [GraphEntry], _ style: Style) -> [String] {
    guard graph else { return entries.map { $0.line(within: style.columns, style) } }
    var list = GraphList()
    list.append(GraphPage(entries: device == nil ? entries : alone(entries), hasMore: false, held: VersionVector()))
    return list.lines.map { line in
      guard let entry = line.entry else {
        return style.dim(String(line.lanes.reversed().drop { $0 == " " }.reversed()))
      }
      return style.dim(line.lanes) + entries[entry].line(within: style.columns - TextWidth.columns(line.lanes), style)
    }
  }

  /// The same without what they build on of others, who were not asked for: lines to that would lead nowhere.
  private func alone(_ entries: [GraphEntry]) -> [GraphEntry] {
    let logs = Set(entries.map(\.node.id.log))
    return entries.map { entry in
      var node = entry.node
      node.parents.removeAll { !logs.contains($0.log) }
      return GraphEntry(node, entry.device, entry.text, isCutOff: node.parents.isEmpty && !entry.node.parents.isEmpty)
    }
  }
}

extension CausalDiagram {
  /// The diagram of some changes, the newest first: one lane a log.
  fileprivate init(_ entries: [GraphEntry]) {
    self.init()
    var (lanes, places): ([LogID: Int], [ChangeID: Int]) = ([:], [:])
    for entry in entries.reversed() {
      let (id, time) = (entry.node.id, entry.node.time.milliseconds)
      let prefix = String(id.log.description.prefix(8))
      let lane = lanes[id.log] ?? addLane(entry.device ?? "unknown", detail: prefix)
      lanes[id.log] = lane
      // What was not asked for is left out.
      places[id] = add(
        "\(prefix)/\(id.sequence)", entry.text + (entry.mark.map { ", \($0)" } ?? ""), on: lane,
        buildingOn: entry.node.parents.compactMap { places[$0] },
        at: .init(time, Moment.short(time)), goesOn: id != entry.node.action)
    }
  }
}

/// A change in the graph, as `inspect log --json` prints it.
struct GraphEntry: Encodable {
  let node: GraphNode
  /// What the writing device is called; nil where that is not known.
  let device: String?
  /// What it did.
  let text: String
  /// Whether it builds on others, of which none is shown.
  let isCutOff: Bool

  init(_ node: GraphNode, _ device: String?, _ text: String, isCutOff: Bool = false) {
    (self.node, self.device, self.text, self.isCutOff) = (node, device, text, isCutOff)
  }

  /// What is said behind it of what has no effect; nil where all of it counts.
  var mark: String? { node.uncounted?.mark }

  /// The changes, with what each did in words: of an action its first one, and of the others that they go on with it.
  static func all(of nodes: [GraphNode], from replica: Replica) async throws -> [GraphEntry] {
    let names = try await replica.logNames()
    let actions = try await replica.actions(beginningWith: nodes.filter { $0.id == $0.action }.map(\.id))
    let words = try await ActionWords(for: actions, from: replica)
    let texts = Dictionary(actions.map { ($0.first, words.text($0)) }) { first, _ in first }
    return nodes.map { node in
      let first = "\(node.action.log.description.prefix(8))/\(node.action.sequence)"
      return GraphEntry(node, names[node.id.log], texts[node.id] ?? "went on with what \(first) began")
    }
  }

  private enum CodingKeys: String, CodingKey { case log, sequence, device, action, time, text, parents, uncounted }

  private struct Parent: Encodable {
    var log: String
    var sequence: UInt32
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(node.log.description, forKey: .log)
    try container.encode(node.id.sequence, forKey: .sequence)
    try container.encode(device, forKey: .device)
    try container.encode(node.action.actionName.description, forKey: .action)
    try container.encode(Moment.text(node.time.milliseconds), forKey: .time)
    try container.encode(text, forKey: .text)
    try container.encode(
      node.parents.map { Parent(log: $0.log.description, sequence: $0.sequence) }, forKey: .parents)
    try container.encode(node.uncounted.map { UncountedReport($0) }, forKey: .uncounted)
  }

  /// One line of at most that many columns.
  func line(within columns: Int, _ style: Style) -> String {
    var row = FieldRow([
      .init(text: "\(node.log.description.prefix(8))/\(node.id.sequence)", paint: style.yellow),
      .init(text: Moment.short(node.time.milliseconds), paint: style.dim),
      .init(text: TextWidth.pad(device ?? "unknown", Self.nameColumns), paint: style.cyan),
      .init(text: TextWidth.fit(text, .max), paint: { mark == nil ? $0 : style.dim($0) }, cut: TextWidth.fitQuotes),
      .init(text: mark ?? "", paint: style.magenta),
    ])
    row.fit(columns, cutting: [(3, 8), (2, 4), (1, 0)])
    return row.text
  }

  private static let nameColumns = 10
}

extension GraphNode {
  /// The log it stands in.
  fileprivate var log: LogID { id.log }
}
