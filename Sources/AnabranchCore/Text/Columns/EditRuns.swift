/// What the events of a text do, run-length encoded, also across the operations that they belong to.
struct EditRuns: Sendable {
  /// Edits whose events are numbered from `start` on.
  struct Stretch: Sendable {
    var start: Int
    var edit: TextEdit
    /// Where in ``TextHistory/content`` the inserted scalars lie; empty where nothing is inserted, or it is absent.
    var bytes: Range<Int>

    var events: Range<Int> {
      start..<start + edit.count
    }
  }

  /// A column for each of a stretch's parts; what is not here is said by the next one's beginning.
  private var starts = IntColumn()
  private var kinds = BlockArray<TextEdit.Kind>()
  private var positions = IntColumn()
  private var places = IntColumn()
  /// Where the last one's events and bytes end.
  private var end = (event: 0, place: 0)

  /// How many stretches there are.
  var count: Int {
    starts.count
  }

  /// The stretch at `index`. O(1).
  subscript(index: Int) -> Stretch {
    let start = starts[index]
    let isLast = index + 1 == count
    let edit = TextEdit(
      kinds[index], at: positions[index], count: (isLast ? end.event : starts[index + 1]) - start)
    return Stretch(start: start, edit: edit, bytes: places[index]..<(isLast ? end.place : places[index + 1]))
  }

  /// Adds a stretch, whose events come right after those of the last one, and whose bytes do not lie before that one's.
  /// Amortised O(1).
  mutating func append(_ stretch: Stretch) {
    let last = count - 1
    if last >= 0, case var joined = self[last], joined.bytes.isEmpty == stretch.bytes.isEmpty,
      joined.edit.join(stretch.edit)
    {
      kinds[last] = joined.edit.kind
      positions[last] = joined.edit.position
    } else {
      starts.append(stretch.start)
      kinds.append(stretch.edit.kind)
      positions.append(stretch.edit.position)
      places.append(stretch.bytes.lowerBound)
    }
    end = (stretch.events.upperBound, stretch.bytes.upperBound)
  }

  /// The index of the stretch that holds `event`. O(log n).
  func index(holding event: Int) -> Int {
    starts.partitioningIndex { $0 > event } - 1
  }

  /// The stretch that inserted the byte of the content at `place`. O(log n).
  func stretch(inserting place: Int) -> Stretch {
    // Of those that begin at one place only the last one has bytes.
    self[places.partitioningIndex { $0 > place } - 1]
  }
}
