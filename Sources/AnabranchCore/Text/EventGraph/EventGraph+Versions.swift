extension EventGraph {
  /// What lies in version `a` alone and in version `b` alone; both in descending order.
  ///
  /// Walks from both towards the beginning, as far as anything is left that lies in one only: O(d log d) for d runs
  /// on the way.
  func difference(_ a: [Int], _ b: [Int]) -> (onlyA: [Range<Int>], onlyB: [Range<Int>]) {
    var onlyA: [Range<Int>] = []
    var onlyB: [Range<Int>] = []
    var queue = EventQueue()
    for event in a { queue.insert(event, .a) }
    for event in b { queue.insert(event, .b) }
    while queue.hasUnshared, var (last, side) = queue.popLast() {
      func emit(_ events: Range<Int>) {
        switch side {
        case .a: onlyA.append(events)
        case .b: onlyB.append(events)
        default: break
        }
      }
      let run = run(holding: last)
      let start = starts[run]
      // What others reach in the same run, or in this very event, is theirs as well.
      while let next = queue.popLast(from: start) {
        if next.event < last { emit(next.event + 1..<last + 1) }
        last = next.event
        side.formUnion(next.side)
      }
      emit(start..<last + 1)
      for parent in parents(ofRun: run) { queue.insert(parent, side) }
    }
    return (onlyA, onlyB)
  }

  /// The least stretch of the graph that has to be replayed to bring the versions `a` and `b` together: all their
  /// events that are not in `base`, ascending, where `base` is a version in the past of every one of them, and the
  /// latest such. O(d log d) for d runs on the way.
  func conflict(_ a: [Int], _ b: [Int]) -> (base: [Int], events: [Range<Int>]) {
    var events: [Range<Int>] = []
    var queue = VersionQueue()
    queue.insert(a)
    queue.insert(b)
    while let version = queue.popLast() {
      // When one version is left, all the rest builds on it; the empty one is always left last.
      guard var last = version.last, !queue.isEmpty else { return (version, events.reversed()) }
      for head in version.dropLast() { queue.insert([head]) }
      let run = run(holding: last)
      let start = starts[run]
      while let next = queue.popLast(from: start), let head = next.last {
        if head < last { events.append(head + 1..<last + 1) }
        last = head
        for other in next.dropLast() { queue.insert([other]) }
        if queue.isEmpty { return ([last], events.reversed()) }
      }
      events.append(start..<last + 1)
      queue.insert(Array(parents(ofRun: run)))
    }
    return ([], events.reversed())
  }

  /// The events of the whole graph that neither lie in the past of `event` nor build on it, ascending. O(runs from there on, and
  /// what ``difference(_:_:)`` costs).
  func events(concurrentWith event: Int) -> [Range<Int>] {
    let own = run(holding: event)
    var isLater = [true]
    for index in own + 1..<max(runCount, own + 1) {
      isLater.append(parents(ofRun: index).contains { $0 >= event && isLater[run(holding: $0) - own] })
    }
    // Each of these ranges lies in one run.
    return difference([event], heads).onlyB.reversed().filter { events in
      let run = run(holding: events.lowerBound)
      return run < own || !isLater[run - own]
    }
  }

  /// Whether `a` lies in the past of `b`.
  func isBefore(_ a: Int, _ b: Int) -> Bool {
    a < b && difference([a], [b]).onlyA.isEmpty
  }

  /// The heads among `events`, which ascend: those in no other's past.
  func heads(of events: [Int]) -> [Int] {
    events.filter { event in
      !events.contains { isBefore(event, $0) }
    }
  }

  /// The heads of `version` together with `events`, whose parents lie in either. O(runs).
  func heads(of version: [Int], and events: Range<Int>) -> [Int] {
    var heads = version
    var next = events.lowerBound
    var run = next < count ? run(holding: next) : runCount
    while next < events.upperBound {
      let end = min(self.events(ofRun: run).upperBound, events.upperBound)
      heads.replace(parents(of: next), by: end - 1)
      next = end
      run += 1
    }
    return heads
  }

  /// The events from `first` on, ascending, that everything before them is known to and that everything after them
  /// builds on: **critical** versions come right before them. `version` is that of all before `first`.
  /// O(runs from there on).
  func criticalEvents(from first: Int, at version: [Int]) -> [Int] {
    guard first < count else { return [] }
    var found: [Int] = []
    var heads = version
    var candidates: [Int] = []
    for index in run(holding: first)..<runCount {
      let events = self.events(ofRun: index)
      if events.lowerBound < first {
        heads.replace([first - 1], by: events.upperBound - 1)
        continue
      }
      if parents(ofRun: index).elementsEqual(heads) { candidates.append(events.lowerBound) }
      heads.replace(parents(ofRun: index), by: events.upperBound - 1)
    }
    // Backwards: how far what comes later reaches back.
    var reach = count
    var index = runCount - 1
    for candidate in candidates.reversed() {
      while index >= 0, starts[index] > candidate {
        reach = min(reach, parents(ofRun: index).first ?? -1)
        index -= 1
      }
      if reach >= candidate { found.append(candidate) }
    }
    return found.reversed()
  }
}
