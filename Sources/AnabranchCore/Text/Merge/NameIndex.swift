/// What became of each name: scalars of the text at the base first, then events. Lookup and change in O(log n).
struct NameIndex: Sendable {
  private var tree: RunTree<NamedRun>

  /// An index of as many names whose scalars lie in leaf 0, and then `events` ones that mean nothing yet.
  init(scalars: Int, events: Int) {
    tree = RunTree(NamedRun(count: scalars, meaning: .inserted(leaf: 0)))
    _ = tree.insert(NamedRun(count: events, meaning: .nothing), at: tree.after(tree.start)) { _, _ in }
  }

  /// What `name` means, with all that follow it and mean the like; `name` is the first of them.
  func run(from name: Int) -> NamedRun {
    guard let (place, offset) = tree.find(name, by: { $0 }) else { return NamedRun(count: .max, meaning: .nothing) }
    let run = tree[place]
    return offset == 0 ? run : run.part(offset..<run.count)
  }

  /// Makes `names`, which meant one thing, mean another.
  mutating func set(_ names: Range<Int>, to meaning: NamedRun.Meaning) {
    guard let (place, offset) = tree.find(names.lowerBound, by: { $0 }) else { return }
    let old = tree[place]
    let new = NamedRun(count: names.count, meaning: meaning)
    let end = offset + names.count
    if offset == 0, let before = tree.run(before: place), canJoin(tree[before], meaning) {
      // Typing goes on: no run more.
      tree.replace(at: before, with: NamedRun(count: tree[before].count + names.count, meaning: meaning))
      if end < old.count { tree.replace(at: place, with: old.part(end..<old.count)) } else { tree.remove(at: place) }
      return
    }
    if end < old.count {
      tree.replace(at: place, with: old.part(end..<old.count))
      var here = tree.insert(new, at: place) { _, _ in }
      if offset > 0 { here = tree.insert(old.part(0..<offset), at: here) { _, _ in } }
    } else if offset > 0 {
      tree.replace(at: place, with: old.part(0..<offset))
      _ = tree.insert(new, at: tree.after(place)) { _, _ in }
    } else {
      tree.replace(at: place, with: new)
    }
  }

  private func canJoin(_ before: NamedRun, _ meaning: NamedRun.Meaning) -> Bool {
    if case .inserted = meaning { return before.meaning == meaning }
    return false
  }
}
