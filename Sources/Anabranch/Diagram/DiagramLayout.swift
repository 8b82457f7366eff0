/// Where what is in a diagram stands, in pixels: time runs down, a lane is a column, and words stand to the right of all lanes.
struct DiagramLayout {
  /// A line from a change down to one that builds on it.
  struct Edge {
    var parent: Int
    var child: Int
    /// How far from the child's lane it runs down, negative to the left; nil where it takes the direct way.
    var detour: Int?
  }

  /// The x of each lane.
  private(set) var lanes: [Int] = []
  /// The y of each row.
  private(set) var rows: [Int] = []
  /// The y of what is said of a time in which nothing happened, or that is left out, by the row that follows it.
  private(set) var pauses: [(row: Int, y: Int, words: String)] = []
  private(set) var edges: [Edge] = []
  /// Where the words begin.
  let words: Int
  let width: Int
  let height: Int
  /// Whether the names of the lanes stand below them, too.
  let hasFooter: Bool

  static let (margin, rise, pause, head) = (20, 22, 20, 34)
  /// Letters that are shown of what is said, and of a name.
  static let (lettersMax, nameLettersMax) = (96, 20)
  /// So much time in which nothing happens is said in words.
  private static let pauseMs: Int64 = 3_600_000
  /// Between a lane and the first line that runs beside it, and between two of these.
  private static let (gap, track) = (11, 7)
  /// Rows from which on the names of the lanes stand below them, too.
  private static let footerRows = 24

  init(_ diagram: CausalDiagram) {
    let instants = diagram.rows.map(\.instant)
    let time = Self.width(of: instants.map(\.text), letter: 7)
    let name = Self.width(
      of: diagram.lanes.indices.map { Self.shortened(diagram.name(of: $0), Self.nameLettersMax) }, letter: 8)
    let step = max(Self.step, name + 14)
    let start = Self.margin + time + 14 + step / 2
    lanes = diagram.lanes.indices.map { start + $0 * step }
    words = (lanes.last ?? start) + step / 2 + 8
    hasFooter = diagram.rows.count >= Self.footerRows
    var y = Self.margin + Self.head
    if diagram.hasMore {
      pauses.append((0, y, CausalDiagram.moreWords))
      y += Self.pause
    }
    for (place, instant) in instants.enumerated() {
      if place > 0, case let span = instant.milliseconds &- instants[place - 1].milliseconds, span >= Self.pauseMs {
        pauses.append((place, y, Self.later(span)))
        y += Self.pause
      }
      rows.append(y)
      y += Self.rise
    }
    height = y - Self.rise / 2 + Self.margin + (hasFooter ? Self.rise : 0)
    width = words + Self.width(of: diagram.rows.map(\.words), letter: 8) + Self.margin
    edges = Self.edges(of: diagram, tracks: max(1, (step / 2 - Self.gap) / Self.track + 1))
  }

  private static let step = 44

  /// At least the pixels that the longest of some texts takes, with `letter` for a narrow letter.
  private static func width(of texts: [String], letter: Int) -> Int {
    texts.map { shortened($0, lettersMax).reduce(0) { $0 + (isWide($1) ? 2 : 1) } * letter }.max() ?? 0
  }

  private static func isWide(_ character: Character) -> Bool {
    character.unicodeScalars.first.map { $0.value >= 0x1100 && !(0x2000..<0x2e80).contains($0.value) } ?? false
  }

  static func shortened(_ text: String, _ letters: Int) -> String {
    text.count > letters ? text.prefix(letters - 1) + "…" : text
  }

  /// A span of at least an hour, in words.
  private static func later(_ milliseconds: Int64) -> String {
    let hours = milliseconds / 3_600_000
    let (count, unit) = hours < 48 ? (hours, "hour") : (hours / 24, "day")
    return "\(count) \(unit)\(count == 1 ? "" : "s") later"
  }

  // MARK: Lines

  private static func edges(of diagram: CausalDiagram, tracks: Int) -> [Edge] {
    /// The last change above in each lane.
    var last: [Int: Int] = [:]
    /// Of each side of a lane, where each line that runs down there ends.
    var ends: [Side: [Int]] = [:]
    return diagram.rows.enumerated().flatMap { child, row -> [Edge] in
      guard let point = row.point else { return [] }
      defer { last[point.lane] = child }
      return point.parents.map { parent in
        let (here, there) = (point.lane, diagram.rows[parent].point?.lane ?? 0)
        // Within a lane nothing may stand between them; to the next lane, a line that is not long runs between the two.
        let isDirect =
          here == there ? last[here] == parent : child - parent == 1 || abs(here - there) == 1 && child - parent <= 3
        guard !isDirect else { return Edge(parent: parent, child: child, detour: nil) }
        let side = Side(lane: here, isLeft: there < here)
        var taken = ends[side] ?? []
        let track = taken.firstIndex { $0 <= parent } ?? taken.count
        if track == taken.count { taken.append(child) } else { taken[track] = child }
        ends[side] = taken
        let detour = gap + track % tracks * Self.track
        return Edge(parent: parent, child: child, detour: side.isLeft ? -detour : detour)
      }
    }
  }

  private struct Side: Hashable {
    var lane: Int
    var isLeft: Bool
  }
}

extension CausalDiagram.Row {
  /// What is to be said of it.
  var words: String {
    switch content {
    case .point(let point): point.count > 1 ? "\(point.label), in \(point.count) changes" : point.label
    case .remark(let remark): remark.words
    }
  }
}
