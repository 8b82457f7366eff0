/// The scalars of a text in order, among which others are restored.
struct TextSequence {
  /// All scalars, those that are restored after those that were there.
  private var scalars: [TextScalar]
  /// How many were there.
  private let present: Int
  /// For the beginning, and then for each scalar, the number of the one that follows, counted from 1; 0 at the end.
  private var next: [Int]
  /// The number of a scalar, and how many there are, by what they were at first: two devices may have brought the same back.
  private var numbers: [TextScalar.Name: (first: Int, count: Int)] = [:]

  /// The scalars of a text, each of which is what `root` says that it was at first.
  init(_ scalars: [TextScalar], root: (TextScalar.Name) -> TextScalar.Name) {
    self.scalars = scalars
    present = scalars.count
    next = (0...scalars.count).map { $0 < scalars.count ? $0 + 1 : 0 }
    for (index, scalar) in scalars.enumerated() {
      guard let root = scalar.name.map(root) else { continue }
      numbers[root, default: (index + 1, 0)].count += 1
    }
  }

  /// Restores those of `names` of which `text` has more than are there, each right after what stands before it in `text` and
  /// is there. O(text).
  mutating func restore(
    _ names: Set<TextScalar.Name>, asIn text: [TextScalar], root: (TextScalar.Name) -> TextScalar.Name
  ) {
    let roots = text.map { $0.name.map(root) }
    var counts: [TextScalar.Name: Int] = [:]
    for case let root? in roots { counts[root, default: 0] += 1 }
    var last = 0
    for (scalar, root) in zip(text, roots) {
      guard let name = scalar.name, let root else { continue }
      let there = numbers[root]
      if names.contains(name), there?.count ?? 0 < counts[root] ?? 0 {
        scalars.append(scalar)
        next.append(next[last])
        next[last] = scalars.count
        numbers[root] = (there?.first ?? scalars.count, (there?.count ?? 0) + 1)
        last = scalars.count
      } else if let there {
        last = there.first
      }
    }
  }

  /// Passes each scalar in order, and whether it was restored.
  func forEach(_ body: (TextScalar, _ isRestored: Bool) -> Void) {
    var number = next[0]
    while number > 0 {
      body(scalars[number - 1], number > present)
      number = next[number]
    }
  }
}
