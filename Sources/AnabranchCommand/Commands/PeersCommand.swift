internal import Anabranch
internal import ArgumentParser

struct PeersCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "peers", abstract: "What each other device lacks of what is here, since when, and when it was met.",
    discussion: """
      By what each has said it holds. One that this device never met may have all of it from others; then that is not \
      known here.
      """)

  @OptionGroup var options: ReadingOptions

  func run() async throws {
    let replica = try await options.read()
    let reports = try await LackReport.all(of: replica)
    try await replica.close()
    try options.output.print(reports) { style in
      guard !reports.isEmpty else { return style.dim("There is no other device.") }
      return reports.map { $0.text(style) }.joined(separator: "\n")
    }
  }
}

/// What another device lacks, as `inspect peers --json` prints it.
struct LackReport: Encodable {
  /// Changes of one log that follow each other.
  struct Gap: Encodable {
    var log: String
    @Nullable var device: String?
    var first: UInt32
    var last: UInt32
    /// When the first of them was made, by its writer's hybrid clock.
    var since: String
    fileprivate let milliseconds: Int64

    private enum CodingKeys: String, CodingKey { case log, device, first, last, since }

    init(_ log: LogID, _ sequences: ClosedRange<UInt32>, since: Int64, _ names: [LogID: String]) {
      self.log = log.description
      device = names[log]
      (first, last) = (sequences.lowerBound, sequences.upperBound)
      self.since = Moment.text(since)
      milliseconds = since
    }
  }

  var device: String
  var name: String
  var role: String
  /// When it last said something to this device; null where it never did.
  @Nullable var contact: String?
  /// Where it was reached last; null where it called.
  @Nullable var address: String?
  /// Null where it was never met.
  @Nullable var lacks: UInt64?
  var gaps: [Gap]
  private let milliseconds: Int64?

  private enum CodingKeys: String, CodingKey { case device, name, role, contact, address, lacks, gaps }

  init(_ device: DeviceRecord, _ peer: PeerRecord?, _ gaps: [Gap]) {
    self.device = device.device.description
    (name, role) = (device.name, device.role.name)
    contact = peer.map { Moment.text($0.contact) }
    address = peer?.address
    lacks = peer.map { _ in gaps.reduce(0) { $0 + UInt64($1.last - $1.first) + 1 } }
    self.gaps = gaps
    milliseconds = peer?.contact
  }

  /// What each other device lacks. O(devices × logs), and a change read of each gap.
  static func all(of replica: Replica) async throws -> [LackReport] {
    let names = try await replica.names()
    let status = try await replica.status()
    let met = Dictionary(status.peers.map { ($0.record.device, $0.record) }) { first, _ in first }
    let others = try await replica.devices().filter { !$0.isThisOne }
    let lacking = others.map { device in met[device.device].map { status.vector.missing(from: $0.vector) } ?? [] }
    let firsts = lacking.joined().map { ChangeID(log: $0.log, sequence: $0.sequences.lowerBound) }
    let records = try await replica.changes(firsts)
    let times = Dictionary(zip(firsts, records.map(\.change.time.milliseconds))) { first, _ in first }
    return zip(others, lacking).map { device, lacking in
      let gaps = lacking.map { log, sequences in
        let since = times[ChangeID(log: log, sequence: sequences.lowerBound)] ?? 0
        return LackReport.Gap(log, sequences, since: since, names)
      }
      return LackReport(device, met[device.device], gaps)
    }
  }

  // MARK: Text

  private static let nameColumns = 16

  func text(_ style: Style) -> String {
    let state: (text: String, paint: (String) -> String) =
      switch (role == MemberRole.outsider.name, lacks) {
      case (true, _): ("was removed, and gets nothing", style.dim)
      case (_, nil): ("never met, so what it has is not known here", style.dim)
      case (_, 0?): ("has everything", style.green)
      case (_, let count?): ("lacks \(Count.changes(count))", style.yellow)
      }
    let met = milliseconds.map { "met \(Moment.short($0))" }
    var row = FieldRow([
      .init(text: TextWidth.pad(TextWidth.fit(name, Self.nameColumns), Self.nameColumns), paint: style.cyan),
      .init(text: state.text, paint: state.paint),
      .init(text: style.isNarrow ? "" : met ?? "", paint: style.dim),
      .init(text: address.map { "at \($0)" } ?? (milliseconds == nil ? "" : "it called"), paint: style.dim),
    ])
    row.fit(style.columns, cutting: [(3, 0), (2, 0), (1, 8)])
    let below = style.isNarrow ? [met].compactMap { $0 } : []
    guard role != MemberRole.outsider.name else { return row.text }
    let lines =
      below
      + gaps.map { gap in
        let of = gap.device ?? String(gap.log.prefix(8))
        let numbers = gap.first == gap.last ? "\(gap.first)" : "\(gap.first) to \(gap.last)"
        return TextWidth.fit("\(numbers) of \(of), since \(Moment.short(gap.milliseconds))", style.columns - 4)
      }
    return ([row.text] + lines.map { "    " + style.dim($0) }).joined(separator: "\n")
  }
}
