internal import Anabranch

/// The changes that were read so far, the newest first, with the lanes that stand beside them: it grows page by page, each of which
/// is drawn once.
struct GraphList {
  /// A line of the drawing.
  struct Line {
    /// What stands in the lanes.
    let lanes: String
    /// The change beside them, by its place; nil where lanes only part or join.
    let entry: Int?
  }

  private(set) var entries: [GraphEntry] = []
  private(set) var lines: [Line] = []
  /// Of each change the line that it stands on.
  private(set) var places: [Int] = []
  /// All that was held when the first page was read.
  private(set) var held = VersionVector()
  /// What is held of each log and not listed yet.
  private(set) var rest = VersionVector()
  private(set) var hasMore = false

  private var drawing = GraphDrawing()
  /// Changes, listed or built on, by the numbers that the drawing knows them by.
  private var numbers: [ChangeID: Int] = [:]
  private var entryByChange: [ChangeID: Int] = [:]

  /// The place of a change; nil where it is not listed. O(1).
  func place(of change: ChangeID) -> Int? {
    entryByChange[change]
  }

  /// Begins with all that is held.
  init(held: VersionVector = VersionVector()) {
    (self.held, rest) = (held, held)
  }

  /// Goes on with a page of what lies within ``rest``. O(its entries × lanes).
  mutating func append(_ page: GraphPage) {
    let order = Dictionary(page.entries.enumerated().map { ($1.node.id, $0) }) { first, _ in first }
    for entry in page.entries where entryByChange[entry.node.id] == nil {
      let id = entry.node.id
      entryByChange[id] = entries.count
      rest[id.log] = min(rest[id.log], max(id.sequence, 1) - 1)
      // As they follow below; what is not known yet follows last.
      let parents = entry.node.parents.filter { entryByChange[$0] == nil }
        .sorted { (order[$0] ?? .max, $0) < (order[$1] ?? .max, $1) }
      let step = drawing.step(number(of: id), leadingTo: parents.map { number(of: $0) })
      if let joining = step.joining { lines.append(Line(lanes: joining, entry: nil)) }
      places.append(lines.count)
      lines.append(Line(lanes: step.node, entry: entries.count))
      if let parting = step.parting { lines.append(Line(lanes: parting, entry: nil)) }
      if entry.isCutOff { lines.append(Line(lanes: step.node.replacing("●", with: "~"), entry: nil)) }
      entries.append(entry)
    }
    // A page of nothing new ends it whatever it says, or it would be asked for again and again.
    hasMore = page.hasMore && !page.entries.isEmpty
  }

  private mutating func number(of change: ChangeID) -> Int {
    if let number = numbers[change] { return number }
    numbers[change] = numbers.count
    return numbers.count - 1
  }
}

/// Changes that follow each other in the list.
struct GraphPage: Sendable {
  var entries: [GraphEntry]
  /// Whether there are more after them.
  var hasMore: Bool
  /// All that was held when it was read.
  var held: VersionVector
}
