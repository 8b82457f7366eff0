/// Changes as points in lanes, one lane a writer, and lines from each to those that build on it, as in Lamport, "Time, Clocks, and the
/// Ordering of Events in a Distributed System", 1978; and between them what happened to the writers.
///
/// A value without input or output. ``svg()`` and ``dot()`` draw it.
public struct CausalDiagram: Hashable, Sendable {
  /// What one writer did, from top to bottom.
  public struct Lane: Hashable, Sendable {
    /// What it is called.
    public var name: String
    /// What tells it from others of that name, such as the beginning of its log's identifier; empty where nothing needs to.
    public var detail: String
    /// The place of the row above which nothing is known of it.
    public var first: Int
  }

  /// An instant, as whoever adds something tells it.
  public struct Instant: Hashable, Sendable {
    /// Milliseconds since whenever.
    public var milliseconds: Int64
    /// The same for people.
    public var text: String

    /// that moment, called `text`.
    public init(_ milliseconds: Int64, _ text: String) {
      (self.milliseconds, self.text) = (milliseconds, text)
    }
  }

  /// A change.
  public struct Point: Hashable, Sendable {
    /// Its lane's place among ``CausalDiagram/lanes``.
    public var lane: Int
    /// What it is called, such as `2f9c51d0/7`.
    public var name: String
    /// What is to be said of it, in a few words.
    public var label: String
    /// The places of the rows that it builds on directly, all smaller than its own.
    public var parents: [Int]
    /// Whether it only goes on with what the change before it in its lane began.
    public var goesOn: Bool
    /// How many changes it stands for.
    public var count = 1
  }

  /// Something that happened and is no change.
  public struct Remark: Hashable, Sendable {
    /// How it is meant.
    public enum Tone: Hashable, Sendable {
      /// Neither good nor bad.
      case plain
      /// Something goes wrong.
      case fault
      /// Something is right again.
      case relief
      /// What should never be the case is.
      case failure
    }

    /// The places of the lanes that it is about: one, the two or more that it joins, or none where it is about all.
    public var lanes: [Int]
    /// What is to be said of it, in a few words.
    public var words: String
    /// How it is meant.
    public var tone: Tone
  }

  /// What stands at one height: a change or a remark.
  public struct Row: Hashable, Sendable {
    /// What it is.
    public enum Content: Hashable, Sendable {
      case point(Point)
      case remark(Remark)
    }

    /// When it was.
    public var instant: Instant
    /// What it was.
    public var content: Content

    /// The change, if it is one.
    public var point: Point? {
      guard case .point(let point) = content else { return nil }
      return point
    }
  }

  /// A state in which a writer is not as it is otherwise.
  public enum Condition: Hashable, Sendable, CaseIterable {
    /// It does not run.
    case off
    /// It runs, and cannot be reached.
    case apart
  }

  /// A stretch of a lane.
  public struct Stretch: Hashable, Sendable {
    /// The lane's place among ``CausalDiagram/lanes``.
    public var lane: Int
    /// How the writer was in it.
    public var condition: Condition
    /// The row with which it begins.
    public var first: Int
    /// The row with which it ends; nil where it lasts.
    public var end: Int?
  }

  /// From left to right.
  public private(set) var lanes: [Lane] = []
  /// From top to bottom, each change after what it builds on.
  public private(set) var rows: [Row] = []
  /// In the order in which they began.
  public private(set) var stretches: [Stretch] = []

  /// Whether more was before all of it that is not in it, which is then said.
  public var hasMore = false

  /// An empty diagram.
  public init() {}

  /// The changes, from top to bottom.
  public var points: [Point] { rows.compactMap(\.point) }

  /// What a lane is called: with what tells it from others, where they have the same name.
  func name(of lane: Int) -> String {
    let (name, detail) = (lanes[lane].name, lanes[lane].detail)
    return detail.isEmpty || lanes.count(where: { $0.name == name }) < 2 ? name : "\(name) (\(detail))"
  }

  /// What is said where ``hasMore``.
  static let moreWords = "… and more before"

  /// Adds a lane to the right of all others, and returns its place.
  @discardableResult
  public mutating func addLane(_ name: String, detail: String = "") -> Int {
    lanes.append(Lane(name: name, detail: detail, first: rows.count))
    return lanes.count - 1
  }

  /// Adds a change below all that is there, and returns the place of its row. `parents` are the places of the rows that it builds on;
  /// one that `goesOn` with what its writer did before may be drawn together with that: see ``folded()``.
  @discardableResult
  public mutating func add(
    _ name: String, _ label: String, on lane: Int, buildingOn parents: some Sequence<Int>, at instant: Instant,
    goesOn: Bool = false
  ) -> Int {
    let point = Point(
      lane: lane, name: name, label: label, parents: parents.filter { rows.indices.contains($0) }.sorted(),
      goesOn: goesOn)
    rows.append(Row(instant: instant, content: .point(point)))
    return rows.count - 1
  }

  /// Adds a remark below all that is there, about `lanes`, or about all where there are none.
  public mutating func remark(_ words: String, on lanes: [Int] = [], _ tone: Remark.Tone = .plain, at instant: Instant)
  {
    rows.append(Row(instant: instant, content: .remark(Remark(lanes: lanes, words: words, tone: tone))))
  }

  /// From the row that comes next, or from the last one where `includingLast`, a writer is in `condition`, or not any more.
  public mutating func set(_ condition: Condition, _ holds: Bool, on lane: Int, includingLast: Bool = false) {
    let place = includingLast ? max(rows.count - 1, 0) : rows.count
    let last = stretches.lastIndex { $0.lane == lane && $0.condition == condition }
    // Where the last stretch ends here it goes on.
    if let last, stretches[last].end.map({ $0 >= place }) ?? true {
      stretches[last].end = holds ? nil : stretches[last].end ?? place
    } else if holds {
      stretches.append(Stretch(lane: lane, condition: condition, first: place, end: nil))
    }
  }

  /// The same with one row for what a writer did in one go in several changes, such as an import, where nothing else stands between
  /// them: each builds on nothing but the one before, and on that nothing else. O(rows + parents).
  public func folded() -> CausalDiagram {
    var children = [Int](repeating: 0, count: rows.count)
    for parent in points.flatMap(\.parents) { children[parent] += 1 }
    var folded = CausalDiagram()
    (folded.lanes, folded.hasMore) = (lanes, hasMore)
    /// Where each row went.
    var places: [Int] = []
    for (place, row) in rows.enumerated() {
      var row = row
      if case .point(var point) = row.content {
        let isPart =
          point.goesOn && place > 0 && point.parents == [place - 1] && children[place - 1] == 1
          && rows[place - 1].point?.lane == point.lane
        if isPart, let last = folded.rows.indices.last, case .point(var whole) = folded.rows[last].content {
          whole.count += 1
          folded.rows[last].content = .point(whole)
          places.append(last)
          continue
        }
        point.parents = point.parents.map { places[$0] }
        row.content = .point(point)
      }
      places.append(folded.rows.count)
      folded.rows.append(row)
    }
    let place = { (old: Int) in old < places.count ? places[old] : folded.rows.count }
    for index in folded.lanes.indices { folded.lanes[index].first = place(lanes[index].first) }
    folded.stretches = stretches.map {
      Stretch(lane: $0.lane, condition: $0.condition, first: place($0.first), end: $0.end.map(place))
    }
    return folded
  }
}
