extension MergeState {
  /// Where `run` goes among the scalars at `cursor` that its writer did not know.
  ///
  /// The order is that of FugueMax, the maximally non-interleaving one: what two writers insert at one place stays in
  /// one piece each, whether they wrote it forward or backward. A scalar is held by the scalars beside which it was
  /// inserted, its origins. Those with the same left origin stand in descending order of their right origins, and
  /// where that is the same, too, in the order of their operations; each is followed by what was inserted after it.
  /// Found by one walk to the right, which passes what stands before, and remembers the last place at which `run`
  /// could go while it may still turn out that it goes there. O(scalars passed × log n).
  ///
  /// Weidner and Kleppmann, "The Art of the Fugue", 2023, §5; the walk is that of Yjs's `integrate`, with the right
  /// origins compared.
  func destination(of run: TrackedRun, from cursor: Place) -> Place {
    var destination = cursor
    var isUndecided = false
    var next = scalars.run(from: cursor)
    while let place = next {
      let other = scalars[place]
      if other.prepared > 0 { break }
      if other.leftOrigin == run.leftOrigin {
        if other.rightOrigin == run.rightOrigin {
          if isLess(event(of: run), event(of: other)) { break }
          isUndecided = false
        } else {
          isUndecided = isOrdered(other.rightOrigin, before: run.rightOrigin)
        }
      } else if isOrdered(other.leftOrigin, before: run.leftOrigin) {
        break
      }
      let after = scalars.after(place)
      if !isUndecided { destination = after }
      next = scalars.run(from: after)
    }
    return destination
  }

  /// Whether the scalar `a` lies left of the scalar `b`.
  private func isOrdered(_ a: Int, before b: Int) -> Bool {
    if a == b || b == Self.beginning || a == Self.end { return false }
    if a == Self.beginning || b == Self.end { return true }
    let (left, right) = (find(a), find(b))
    return left.place == right.place ? left.offset < right.offset : scalars.isOrdered(left.place, before: right.place)
  }
}

extension TrackedRun {
  /// Whether `next` is what its writer typed right after it.
  func isContinued(by next: TrackedRun) -> Bool {
    next.name == name + count && next.leftOrigin == next.name - 1 && next.rightOrigin == rightOrigin
      && prepared == 1 && !isDeleted
  }
}
