/// The scalars of a text in order, among which others are restored.
struct TextSequence {
  /// All scalars, those that are restored after those that were there.
  private var scalars: [TextScalar]
  /// How many were there.
  private let present: Int
  /// For the beginning, and then for each scalar, the number of the one that follows, counted from 1; 0 at the end.
  private var next: [Int]
  /// The numbers of the scalars by what they were at first.
  private var numbers: [TextScalar.Name: Int] = [:]

  /// The scalars of a text, each of which is what `root` says that it was at first.
  init(_ scalars: [TextScalar], root: (TextScalar.Name) -> TextScalar.Name) {
    self.scalars = scalars
    present = scalars.count
    next = (0...scalars.count).map { $0 < scalars.count ? $0 + 1 : 0 }
    for (index, scalar) in scalars.enumerated() {
      guard let root = scalar.name.map(root), numbers[root] == nil else { continue }
      numbers[root] = index + 1
    }
  }

  /// Restores those of `names` that are not there, each right after what stands before it in `text` and is there.
  /// O(text).
  mutating func restore(
    _ names: Set<TextScalar.Name>, asIn text: [TextScalar], root: (TextScalar.Name) -> TextScalar.Name
  ) {
    var last = 0
    for scalar in text {
      guard let name = scalar.name else { continue }
      let root = root(name)
      if let number = numbers[root] {
        last = number
      } else if names.contains(name) {
        scalars.append(scalar)
        next.append(next[last])
        next[last] = scalars.count
        numbers[root] = scalars.count
        last = scalars.count
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
