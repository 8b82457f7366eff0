/// What has to be done to a text, so that it holds events that others made.
package enum TextPatch: Hashable, Sendable {
  /// Scalars appear at a position: those that `bytes` of the history's content hold; absent where it is empty.
  case insert(at: Int, count: Int, bytes: Range<Int>)
  /// The scalars of a range disappear.
  case delete(Range<Int>)
}

extension TextHistory {
  /// Brings a text of `count` scalars from the version `heads`, which holds the events before `first` and no others,
  /// to the version of all events: tells what to do to it, one patch after the other, and what content they mean.
  ///
  /// An event made by somebody who knew all that the text holds says itself what to do. For others as much of the
  /// history is replayed as lies beside them, up to where all is known to all again; see
  /// ``EventGraph/conflict(_:_:)`` and ``EventGraph/criticalEvents(from:at:)``.
  mutating func merge(from first: Int, at heads: [Int], count: Int, _ apply: (TextPatch, [UInt8]) -> Void) {
    var (version, count) = (heads, count)
    var next = first
    var critical = graph.criticalEvents(from: first, at: heads)[...]
    while next < graph.count {
      let run = graph.run(holding: next)
      if graph.parents(of: next) == version {
        if graph.starts[run] == next { graph.setCount(count, beforeRun: run) }
        let end = graph.events(ofRun: run).upperBound
        follow(next..<end, count: &count) { apply($0, content) }
        (next, version) = (end, [end - 1])
      } else {
        while let known = critical.first, known <= next { critical.removeFirst() }
        let end = critical.first ?? graph.count
        let target = graph.heads(of: version, and: next..<end)
        var counts: [(run: Int, count: Int)] = []
        replay(from: version, to: target, new: next, &counts) { patch in
          count += patch.growth
          apply(patch, content)
        }
        for (run, count) in counts { graph.setCount(count, beforeRun: run) }
        (next, version) = (end, target)
      }
    }
  }

  /// Does what `events` of one run say, in the very text they were made in, which has `count` scalars.
  private func follow(_ events: Range<Int>, count: inout Int, _ apply: (TextPatch) -> Void) {
    forEachStretch(of: events) { stretch in
      guard let patch = stretch.patch(count: count) else { return }
      count += patch.growth
      apply(patch)
    }
  }

  /// How many scalars the text has in the version that `event`, which has been merged, was made in.
  private func count(before event: Int) -> Int {
    let run = graph.run(holding: event)
    let (start, count) = (graph.starts[run], graph.countsBefore[run])
    return start < event ? self.count(after: start..<event, from: count) : count
  }

  /// How many scalars the text has after `events` of one run, in the very text they were made in, which has `count`. Looks at
  /// no words: where in the content a part of a stretch lies takes counting, if it is not ASCII. O(log n + stretches).
  func count(after events: Range<Int>, from count: Int) -> Int {
    var count = count
    var index = edits.index(holding: events.lowerBound)
    while index < edits.count, case let whole = edits[index], whole.start < events.upperBound {
      let wanted = whole.events.clamped(to: events)
      let edit = whole.edit.part(wanted.lowerBound - whole.start..<wanted.upperBound - whole.start)
      if edit.isDeletion {
        count -= (edit.position..<edit.position + edit.count).clamped(to: 0..<count).count
      } else {
        count += edit.count
      }
      index += 1
    }
    return count
  }

  /// Replays what lies beside each other in the versions `version` and `target`, and tells what the events from `new`
  /// on do; and of each run that begins there, how many scalars the text has before it, in `counts`.
  private func replay(
    from version: [Int], to target: [Int], new: Int, _ counts: inout [(run: Int, count: Int)],
    _ apply: (TextPatch) -> Void
  ) {
    let conflict = graph.conflict(version, target)
    guard let start = conflict.events.first?.lowerBound, let end = conflict.events.last?.upperBound else { return }
    var state = MergeState(replaying: start..<end, from: count(before: start)) { [self] in isLess($0, $1) }
    walk(conflict.events, from: conflict.base, new: new, in: &state) { events, state in
      let run = graph.run(holding: events.lowerBound)
      let isNew = events.lowerBound >= new
      if isNew, graph.starts[run] == events.lowerBound { counts.append((run, state.preparedCount)) }
      forEachStretch(of: events) { stretch in
        state.replay(stretch) { if isNew { apply($0) } }
      }
    }
  }

  /// Passes `events`, all that is not in the version `base`, in the order in which they are replayed, those from `new` on last;
  /// each with `state` as their writer saw it.
  private func walk(
    _ events: [Range<Int>], from base: [Int], new: Int, in state: inout MergeState,
    _ body: (Range<Int>, inout MergeState) -> Void
  ) {
    var walk = Walk(of: events, in: graph, new: new)
    var prepared = base
    while let events = walk.next() {
      let parents = graph.parents(of: events.lowerBound)
      if parents != prepared {
        let (left, entered) = graph.difference(prepared, parents)
        left.forEach { state.retreat($0) }
        entered.forEach { state.advance($0) }
      }
      body(events, &state)
      prepared = [events.upperBound - 1]
    }
  }

  /// Every scalar that was ever in the text, which began with `count`: all of the history is replayed, operation by operation, so
  /// that no run has scalars that different ones deleted. O(n log n).
  func replayed(from count: Int) -> MergeState {
    var state = MergeState(replaying: 0..<graph.count, from: count) { [self] in isLess($0, $1) }
    let all = graph.count > 0 ? [0..<graph.count] : []
    walk(all, from: [], new: graph.count, in: &state) { events, state in
      var rest = events
      while !rest.isEmpty {
        let own = rest.clamped(to: operations.operation(of: rest.lowerBound).events)
        forEachStretch(of: own) { stretch in
          state.replay(stretch) { _ in }
        }
        rest = own.upperBound..<rest.upperBound
      }
    }
    return state
  }
}

extension TextPatch {
  /// How many scalars more the text has afterwards.
  var growth: Int {
    switch self {
    case .insert(_, let count, _): count
    case .delete(let range): -range.count
    }
  }
}

extension EditRuns.Stretch {
  /// What it does to the very text it was made in, which has `count` scalars; nil for nothing.
  fileprivate func patch(count: Int) -> TextPatch? {
    if !edit.isDeletion { return .insert(at: min(edit.position, count), count: edit.count, bytes: bytes) }
    let range = (edit.position..<edit.position + edit.count).clamped(to: 0..<count)
    return range.isEmpty ? nil : .delete(range)
  }
}

extension MergeState {
  fileprivate mutating func replay(_ stretch: EditRuns.Stretch, _ apply: (TextPatch) -> Void) {
    let edit = stretch.edit
    if edit.isDeletion {
      let range = edit.position..<edit.position + edit.count
      delete(stretch.events, in: range, backward: edit.kind == .deleteBackward) { apply(.delete($0)) }
    } else {
      let position = insert(stretch.events, at: edit.position)
      apply(.insert(at: position, count: edit.count, bytes: stretch.bytes))
    }
  }
}
