extension TextExplanation {
  /// The words of `ranges` of scalars, one after the other.
  func excerpt(of ranges: some Sequence<Range<Int>>) -> TextExcerpt {
    var excerpt = TextExcerpt()
    for names in ranges {
      if names.lowerBound < layout.baseCount {
        addBeginning(names, to: &excerpt)
      } else {
        add(names.lowerBound - layout.baseCount..<names.upperBound - layout.baseCount, to: &excerpt)
      }
    }
    return excerpt
  }

  private func addBeginning(_ scalars: Range<Int>, to excerpt: inout TextExcerpt) {
    let there = layout.baseCount - history.baseGone.total
    history.baseGone.forEachPart(of: scalars) { part, isGone in
      guard !isGone else {
        excerpt.add([], count: part.count)
        excerpt.purged += part.count
        return
      }
      let before = history.baseGone.reduce(0) { $0 + ($1.lowerBound < part.lowerBound ? $1.count : 0) }
      let bytes = history.content.bytes(
        ofScalars: part.lowerBound - before..<part.upperBound - before, within: 0..<history.baseBytes, count: there)
      excerpt.add(history.content[bytes], count: part.count)
    }
  }

  /// Adds what `inserting` inserted, events that may be several operations'.
  private func add(_ inserting: Range<Int>, to excerpt: inout TextExcerpt) {
    var rest = inserting
    while !rest.isEmpty {
      let operation = index(of: rest.lowerBound)
      let own = rest.clamped(to: events[operation])
      let isAnyThere = operations[operation].inserted != nil
      history.forEachStretch(of: own) { stretch in
        let count = stretch.edit.count
        excerpt.add(history.content[stretch.bytes], count: count)
        if stretch.bytes.isEmpty {
          if isAnyThere { excerpt.purged += count } else { excerpt.absent += count }
        }
      }
      rest = own.upperBound..<rest.upperBound
    }
  }
}
