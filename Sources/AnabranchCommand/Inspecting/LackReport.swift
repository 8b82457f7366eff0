internal import Anabranch

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
    fileprivate let called: String

    private enum CodingKeys: String, CodingKey { case log, device, first, last, since }

    init(_ log: LogID, _ sequences: ClosedRange<UInt32>, since: Int64, _ names: LogNames) {
      self.log = log.description
      (device, called) = (names[log], names.called(log))
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
  /// Whether it is connected now, and why not.
  var connection: ConnectionReport
  /// Whether it made the file that is read, by its name.
  var isMaker = false
  private let milliseconds: Int64?
  private let isKeptOut: Bool
  private let source: ConnectionSource

  private enum CodingKeys: String, CodingKey { case device, name, role, contact, address, lacks, gaps, connection }

  init(_ device: DeviceRecord, _ peer: PeerRecord?, _ gaps: [Gap], _ source: ConnectionSource) {
    (self.source, connection) = (source, source.connection(with: device))
    self.device = device.device.description
    (name, role) = (device.name, device.role.name)
    contact = peer.map { Moment.text($0.contact) }
    address = peer?.address
    lacks = peer.map { _ in gaps.reduce(0) { $0 + UInt64($1.last - $1.first) + 1 } }
    self.gaps = gaps
    (milliseconds, isKeptOut) = (peer?.contact, device.isKeptOut)
  }
}

extension LackReport {
  private static let nameColumns = 16
  private static let margin = "    "

  /// All of them, and what is to be said of their connections together.
  static func text(_ reports: [LackReport], _ style: Style) -> String {
    guard let first = reports.first else { return style.dim("There is no other device.") }
    let end = ConnectionWords.ofAll(reports.map(\.connection), first.source, style.columns)
    return (reports.map { $0.text(style) } + end.map(style.dim)).joined(separator: "\n")
  }

  private func text(_ style: Style) -> String {
    let state: (text: String, paint: (String) -> String) =
      switch (isKeptOut, lacks) {
      case (true, _): ("was removed, and gets nothing", style.dim)
      case (_, nil) where isMaker: ("made this backup, by its name; what it has since is not known here", style.dim)
      case (_, nil): ("never met, so what it has is not known here", style.dim)
      case (_, 0?): ("has everything", style.green)
      case (_, let count?): ("lacks \(Count.changes(count))", style.yellow)
      }
    let met = milliseconds.map { "met \(Moment.short($0))" }
    var row = FieldRow([
      .init(text: TextWidth.pad(TextWidth.fit(name, Self.nameColumns), Self.nameColumns), paint: style.cyan),
      .init(text: state.text, paint: state.paint),
      .init(text: role == MemberRole.reader.name ? "reads only" : "", paint: style.dim),
      .init(text: style.isNarrow ? "" : met ?? "", paint: style.dim),
      .init(text: address.map { "at \($0)" } ?? (milliseconds == nil ? "" : "it called"), paint: style.dim),
    ])
    row.fit(style.columns, cutting: [(4, 0), (2, 0), (3, 0), (1, 8)])
    let words = ConnectionWords(connection, lastAt: address).lines(style.columns - Self.margin.count)
    guard !isKeptOut else { return ([row.text] + words.map { Self.margin + $0 }).joined(separator: "\n") }
    let lines =
      (style.isNarrow ? [met].compactMap { $0 } : [])
      + gaps.flatMap { gap in
        let since = Moment.short(gap.milliseconds)
        // A date that is cut is none.
        return TextWidth.wrap(
          "\((gap.first...gap.last).numbers) of \(gap.called), since \(since)", style.columns - Self.margin.count
        ).map(String.init)
      }
    return ([row.text] + lines.map { Self.margin + style.dim($0) } + words.map { Self.margin + $0 })
      .joined(separator: "\n")
  }
}
