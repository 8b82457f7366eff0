/// A sequence of runs in a B+tree which sums what the runs measure: a run is found by its place in those sums, and
/// the sum before a run is known, in O(log n) both.
///
/// Nodes lie in arrays and name each other by number; leaves know their parents, so that a change to a run, found by
/// whatever way, is carried up to the root. The number of a leaf stays the same for good: an index from outside can
/// lead to it. Runs are removed with ``remove(at:)`` alone; leaves left empty are taken out of the tree.
///
/// Comer, "The Ubiquitous B-Tree", 1979.
struct RunTree<Run: MeasuredRun>: Sendable {
  /// Where a run lies, or, one past the last of a leaf, where one can be inserted. Valid until runs are inserted
  /// into its leaf or removed from it.
  struct Place: Hashable, Sendable {
    var leaf: Int
    var index: Int
  }

  struct Leaf: Sendable {
    var count: Int
    var parent: Int
    var next: Int
    var previous: Int
  }

  struct Branch: Sendable {
    var count: Int
    var parent: Int
    /// Whether its children are leaves.
    var isLowest: Bool
  }

  static var leafWidth: Int { 32 }
  static var branchWidth: Int { 16 }
  /// Stands for no node.
  static var none: Int { -1 }

  var leaves: [Leaf]
  /// Those of leaf *l* from *l* × ``leafWidth`` on.
  var runs: [Run]
  var branches: [Branch]
  /// Those of branch *b* from *b* × ``branchWidth`` on.
  var children: [Int]
  /// What lies below each of ``children``.
  var sums: [Run.Measure]
  /// A branch; ``none`` while leaf 0 is all there is.
  var root: Int
  /// Leaves that were taken out of the tree.
  var freeLeaves: [Int] = []
  /// The sum over all runs.
  private(set) var total: Run.Measure

  /// A sequence of one run.
  init(_ run: Run) {
    leaves = [Leaf(count: 1, parent: Self.none, next: Self.none, previous: Self.none)]
    runs = Array(repeating: run, count: Self.leafWidth)
    branches = []
    children = []
    sums = []
    root = Self.none
    total = run.measure
  }

  /// The run at `place`. O(1).
  subscript(place: Place) -> Run {
    runs[place.leaf * Self.leafWidth + place.index]
  }

  /// How many runs lie in `leaf`. O(1).
  func count(in leaf: Int) -> Int {
    leaves[leaf].count
  }

  /// The place of the first run, or where the first would be inserted. O(log n).
  var start: Place {
    guard root != Self.none else { return Place(leaf: 0, index: 0) }
    var node = root
    while !branches[node].isLowest { node = children[node * Self.branchWidth] }
    return Place(leaf: children[node * Self.branchWidth], index: 0)
  }

  /// The place of the run at `place`, which may be one past the last of its leaf; nil at the end. O(1).
  func run(from place: Place) -> Place? {
    if place.index < leaves[place.leaf].count { return place }
    let next = leaves[place.leaf].next
    return next == Self.none ? nil : Place(leaf: next, index: 0)
  }

  /// The place right after the run at `place`, in the same leaf. O(1).
  func after(_ place: Place) -> Place {
    Place(leaf: place.leaf, index: place.index + 1)
  }

  /// The place of the run before `place`; nil at the beginning. O(1).
  func run(before place: Place) -> Place? {
    if place.index > 0 { return Place(leaf: place.leaf, index: place.index - 1) }
    let previous = leaves[place.leaf].previous
    return previous == Self.none ? nil : Place(leaf: previous, index: leaves[previous].count - 1)
  }

  /// The run that covers `position`, counted by `measure` from 0, and how far into it that is; nil past the end.
  /// O(log n).
  @inline(__always)
  func find(_ position: Int, by measure: (Run.Measure) -> Int) -> (place: Place, offset: Int)? {
    guard position >= 0, position < measure(total) else { return nil }
    var rest = position
    var leaf = 0
    var node = root
    while node != Self.none {
      var child = node * Self.branchWidth
      while true {
        let below = measure(sums[child])
        if rest < below { break }
        rest -= below
        child += 1
      }
      leaf = children[child]
      node = branches[node].isLowest ? Self.none : leaf
    }
    var slot = leaf * Self.leafWidth
    while true {
      let here = measure(runs[slot].measure)
      if rest < here { break }
      rest -= here
      slot += 1
    }
    return (Place(leaf: leaf, index: slot - leaf * Self.leafWidth), rest)
  }

  /// The sum over all runs before `place`. O(log n).
  func sum(before place: Place) -> Run.Measure {
    var sum = Run.Measure.zero
    let first = place.leaf * Self.leafWidth
    for slot in first..<first + place.index { sum += runs[slot].measure }
    var (node, parent) = (place.leaf, leaves[place.leaf].parent)
    while parent != Self.none {
      var child = parent * Self.branchWidth
      while children[child] != node {
        sum += sums[child]
        child += 1
      }
      (node, parent) = (parent, branches[parent].parent)
    }
    return sum
  }

  /// Whether `a` lies before `b`. O(log n).
  func isOrdered(_ a: Place, before b: Place) -> Bool {
    if a.leaf == b.leaf { return a.index < b.index }
    // All leaves are equally deep, so the two ways up meet in the same step.
    var (left, right) = (a.leaf, b.leaf)
    var (leftParent, rightParent) = (leaves[left].parent, leaves[right].parent)
    while leftParent != rightParent {
      (left, leftParent) = (leftParent, branches[leftParent].parent)
      (right, rightParent) = (rightParent, branches[rightParent].parent)
    }
    var child = leftParent * Self.branchWidth
    while children[child] != left, children[child] != right { child += 1 }
    return children[child] == left
  }

  /// Adds `delta` to the sums on the way from `leaf` to the root. O(log n).
  mutating func carry(_ delta: Run.Measure, from leaf: Int) {
    guard delta != .zero else { return }
    total += delta
    var (node, parent) = (leaf, leaves[leaf].parent)
    while parent != Self.none {
      sums[childSlot(of: node, in: parent)] += delta
      (node, parent) = (parent, branches[parent].parent)
    }
  }

  /// Where `node` stands among the children of `parent`, as an index of ``children``.
  func childSlot(of node: Int, in parent: Int) -> Int {
    var child = parent * Self.branchWidth
    while children[child] != node { child += 1 }
    return child
  }
}
