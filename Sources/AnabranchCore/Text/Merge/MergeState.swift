/// The text while concurrent events are replayed: every scalar of two versions of it, deleted ones included, in the
/// one order that all replicas agree on.
///
/// The **effective** version holds all events replayed so far. The **prepared** version is the one in which the next
/// event was made: ``retreat(_:)`` takes events out of it and ``advance(_:)`` puts them back. So an event's position is
/// looked up among the prepared scalars, and answered in positions of the effective ones.
///
/// Scalars and events have **names**, numbers from 0 on: first the scalars of the text at the base of the replay, then
/// the events, each insertion naming its scalar.
///
/// Gentle and Kleppmann, "Collaborative Text Editing with Eg-walker", 2024, §3.2 to §3.4. Where concurrent insertions
/// meet, see ``MergeState/destination(of:from:before:)``.
struct MergeState: Sendable {
  typealias Place = RunTree<TrackedRun>.Place

  /// Left of everything.
  static let beginning = -1
  /// Right of everything.
  static let end = Int.max
  private(set) var scalars: RunTree<TrackedRun>
  private var index: NameIndex
  /// How many scalars the text has at the base.
  private let baseCount: Int
  /// The event whose name is ``baseCount``.
  private let firstEvent: Int
  /// Whether the insertion of one event goes before that of another, where nothing else decides.
  let isLess: @Sendable (Int, Int) -> Bool

  /// The state before any of `events`, at their base, where the text has `count` scalars.
  init(replaying events: Range<Int>, from count: Int, isLess: @escaping @Sendable (Int, Int) -> Bool) {
    scalars = RunTree(
      TrackedRun(
        name: 0, count: count, leftOrigin: Self.beginning, rightOrigin: Self.end, prepared: 1, isDeleted: false))
    if count == 0 { scalars.remove(at: scalars.start) }
    index = NameIndex(scalars: count, events: events.count)
    baseCount = count
    firstEvent = events.lowerBound
    self.isLess = isLess
  }

  /// How many scalars the prepared version has.
  var preparedCount: Int {
    scalars.total.prepared
  }

  private func names(of events: Range<Int>) -> Range<Int> {
    events.lowerBound - firstEvent + baseCount..<events.upperBound - firstEvent + baseCount
  }
}

extension MergeState {
  /// The event that inserted the first scalar of `run`.
  func event(of run: TrackedRun) -> Int {
    run.name - baseCount + firstEvent
  }
}

// MARK: - What became of the events

extension MergeState {
  /// The name of the scalar that `event`, an insertion, inserted.
  func name(of event: Int) -> Int {
    event - firstEvent + baseCount
  }

  /// The names of the scalars that `events`, deletions that have been replayed, deleted, in their order; fewer than events
  /// where some lay past the end.
  func deleted(by events: Range<Int>) -> [Range<Int>] {
    let names = names(of: events)
    var deleted: [Range<Int>] = []
    var next = names.lowerBound
    while next < names.upperBound {
      let run = index.run(from: next)
      let count = min(run.count, names.upperBound - next)
      if case .deleted(let first, _) = run.part(0..<count).meaning { deleted.append(first..<first + count) }
      next += count
    }
    return deleted
  }

  /// Passes the runs in order, deleted ones included.
  func forEachRun(_ body: (TrackedRun) -> Void) {
    var next = scalars.run(from: scalars.start)
    while let place = next {
      body(scalars[place])
      next = scalars.run(from: scalars.after(place))
    }
  }
}

// MARK: - Moving the prepared version

extension MergeState {
  /// Takes `events` out of the prepared version.
  mutating func retreat(_ events: Range<Int>) {
    shift(names(of: events), by: -1)
  }

  /// Puts `events`, replayed before, back into the prepared version.
  mutating func advance(_ events: Range<Int>) {
    shift(names(of: events), by: 1)
  }

  private mutating func shift(_ names: Range<Int>, by step: Int) {
    var next = names.lowerBound
    while next < names.upperBound {
      let run = index.run(from: next)
      let count = min(run.count, names.upperBound - next)
      switch run.meaning {
      case .nothing: break
      case .inserted: shiftScalars(next..<next + count, by: step)
      case .deleted:
        guard case .deleted(let first, _) = run.part(0..<count).meaning else { break }
        shiftScalars(first..<first + count, by: step)
      }
      next += count
    }
  }

  private mutating func shiftScalars(_ names: Range<Int>, by step: Int) {
    var next = names.lowerBound
    while next < names.upperBound {
      let (place, offset) = find(next)
      let cut = isolate(min(scalars[place].count - offset, names.upperBound - next), from: offset, at: place)
      var run = scalars[cut]
      run.prepared += step
      scalars.replace(at: cut, with: run)
      next += run.count
    }
  }

  /// Where the scalar `name` lies: its run, and how far into that.
  func find(_ name: Int) -> (place: Place, offset: Int) {
    var place = Place(leaf: 0, index: 0)
    if case .inserted(let leaf) = index.run(from: name).meaning { place.leaf = leaf }
    while !scalars[place].names.contains(name) { place.index += 1 }
    return (place, name - scalars[place].name)
  }

  /// Makes `count` scalars from `offset` on in the run at `place` a run of their own, and returns its place.
  private mutating func isolate(_ count: Int, from offset: Int, at place: Place) -> Place {
    var place = place
    if offset > 0 { place = split(place, at: offset) }
    if count < scalars[place].count {
      // What follows is inserted after it; if its leaf is split for that, the run itself may have moved.
      let name = scalars[place].name
      _ = split(place, at: count)
      place = find(name).place
    }
    return place
  }

  /// Cuts the run at `place` in two, and returns the second one's place.
  mutating func split(_ place: Place, at offset: Int) -> Place {
    var run = scalars[place]
    let rest = run.split(at: offset)
    scalars.replace(at: place, with: run)
    let there = insert(rest, at: scalars.after(place))
    if there.leaf != place.leaf { index.set(rest.names, to: .inserted(leaf: there.leaf)) }
    return there
  }

  private mutating func insert(_ run: TrackedRun, at place: Place) -> Place {
    scalars.insert(run, at: place) { run, leaf in index.set(run.names, to: .inserted(leaf: leaf)) }
  }
}

// MARK: - Replaying

extension MergeState {
  /// Replays `events`, the insertion of as many scalars at `position` in the prepared version, and returns where they
  /// lie in the effective one. A position past the end stands for the end.
  mutating func insert(_ events: Range<Int>, at position: Int) -> Int {
    let names = names(of: events)
    let position = min(position, preparedCount)
    var leftOrigin = Self.beginning
    var cursor = scalars.start
    if position > 0, let (place, offset) = scalars.find(position - 1, by: { $0.prepared }) {
      leftOrigin = scalars[place].name + offset
      let isLast = offset + 1 == scalars[place].count
      cursor = isLast ? scalars.after(place) : split(place, at: offset + 1)
    }
    let (rightOrigin, isContested) = rightOrigin(from: cursor)
    let run = TrackedRun(
      name: names.lowerBound, count: names.count, leftOrigin: leftOrigin, rightOrigin: rightOrigin, prepared: 1,
      isDeleted: false)
    if isContested {
      cursor = destination(of: run, from: cursor)
    } else if let before = scalars.run(before: cursor), scalars[before].isContinued(by: run) {
      return extend(before, by: names)
    }
    let effective = scalars.sum(before: cursor).effective
    let place = insert(run, at: cursor)
    index.set(names, to: .inserted(leaf: place.leaf))
    return effective
  }

  /// Typing that goes on makes the run at `place` longer.
  private mutating func extend(_ place: Place, by names: Range<Int>) -> Int {
    var run = scalars[place]
    let effective = scalars.sum(before: place).effective + run.count
    run.count += names.count
    scalars.replace(at: place, with: run)
    index.set(names, to: .inserted(leaf: place.leaf))
    return effective
  }

  /// The first scalar from `cursor` on that the prepared version knows, deleted or not, and whether there are others
  /// before it.
  private func rightOrigin(from cursor: Place) -> (name: Int, isContested: Bool) {
    var isContested = false
    var next = scalars.run(from: cursor)
    while let place = next {
      if scalars[place].prepared > 0 { return (scalars[place].name, isContested) }
      isContested = true
      next = scalars.run(from: scalars.after(place))
    }
    return (Self.end, isContested)
  }

  /// Replays the deletions `events` of what lies in `range` of the prepared version, and tells which scalars of the
  /// effective one disappear, in the order in which they do. What lies past the end is not there to be deleted.
  mutating func delete(
    _ events: Range<Int>, in range: Range<Int>, backward: Bool, _ disappeared: (Range<Int>) -> Void
  ) {
    let range = range.clamped(to: 0..<preparedCount)
    var names = names(of: events)
    // Backwards, those past the end came first.
    names = backward ? names.suffix(range.count) : names.prefix(range.count)
    var rest = range.count
    while rest > 0, let (found, offset) = scalars.find(range.lowerBound, by: { $0.prepared }) {
      let place = isolate(min(scalars[found].count - offset, rest), from: offset, at: found)
      var run = scalars[place]
      let mine = backward ? names.suffix(run.count) : names.prefix(run.count)
      names = backward ? names.dropLast(run.count) : names.dropFirst(run.count)
      if !run.isDeleted {
        let effective = scalars.sum(before: place).effective
        disappeared(effective..<effective + run.count)
      }
      run.prepared = 2
      run.isDeleted = true
      scalars.replace(at: place, with: run)
      index.set(mine, to: .deleted(first: run.name, backward: backward))
      rest -= run.count
    }
  }
}
