extension RunTree {
  /// Puts `run` in the place of the run at `place`. O(log n), or O(1) where it measures the same.
  mutating func replace(at place: Place, with run: Run) {
    let slot = place.leaf * Self.leafWidth + place.index
    let delta = run.measure - runs[slot].measure
    runs[slot] = run
    carry(delta, from: place.leaf)
  }

  /// Inserts `run` before what lies at `place`, and returns where it lies then.
  ///
  /// A full leaf is split for it: `moved` is told of each run, not the new one, that lies in another leaf now.
  /// O(log n).
  @inline(__always)
  mutating func insert(_ run: Run, at place: Place, moved: (Run, _ leaf: Int) -> Void) -> Place {
    var place = place
    if leaves[place.leaf].count == Self.leafWidth {
      let half = Self.leafWidth / 2
      let right = split(place.leaf)
      for slot in right * Self.leafWidth..<right * Self.leafWidth + half { moved(runs[slot], right) }
      if place.index > half { place = Place(leaf: right, index: place.index - half) }
    }
    let first = place.leaf * Self.leafWidth
    var slot = first + leaves[place.leaf].count
    while slot > first + place.index {
      runs[slot] = runs[slot - 1]
      slot -= 1
    }
    runs[slot] = run
    leaves[place.leaf].count += 1
    carry(run.measure, from: place.leaf)
    return place
  }

  /// Takes out the run at `place`. O(log n).
  mutating func remove(at place: Place) {
    let first = place.leaf * Self.leafWidth
    let gone = runs[first + place.index]
    let count = leaves[place.leaf].count - 1
    for slot in first + place.index..<first + count { runs[slot] = runs[slot + 1] }
    leaves[place.leaf].count = count
    carry(.zero - gone.measure, from: place.leaf)
    if count == 0 { unlink(place.leaf) }
  }

  /// Moves the upper half of `leaf` to a new leaf after it, and returns that.
  private mutating func split(_ leaf: Int) -> Int {
    let half = Self.leafWidth / 2
    let (from, right) = (leaf * Self.leafWidth + half, newLeaf())
    let to = right * Self.leafWidth
    var sum = Run.Measure.zero
    for offset in 0..<half {
      runs[to + offset] = runs[from + offset]
      sum += runs[from + offset].measure
    }
    let next = leaves[leaf].next
    leaves[right] = Leaf(count: half, parent: Self.none, next: next, previous: leaf)
    if next != Self.none { leaves[next].previous = right }
    leaves[leaf].next = right
    leaves[leaf].count = half
    adopt(right, after: leaf, in: leaves[leaf].parent, isLowest: true, sum: sum)
    return right
  }

  private mutating func newLeaf() -> Int {
    if let leaf = freeLeaves.popLast() { return leaf }
    leaves.append(Leaf(count: 0, parent: Self.none, next: Self.none, previous: Self.none))
    runs.append(contentsOf: repeatElement(runs[0], count: Self.leafWidth))
    return leaves.count - 1
  }

  private mutating func newBranch(isLowest: Bool) -> Int {
    branches.append(Branch(count: 0, parent: Self.none, isLowest: isLowest))
    children.append(contentsOf: repeatElement(Self.none, count: Self.branchWidth))
    sums.append(contentsOf: repeatElement(.zero, count: Self.branchWidth))
    return branches.count - 1
  }

  /// Makes `node`, over what was the end of `sibling` and sums to `sum`, the child after it.
  private mutating func adopt(_ node: Int, after sibling: Int, in parent: Int, isLowest: Bool, sum: Run.Measure) {
    var parent = parent
    if parent == Self.none {
      parent = newBranch(isLowest: isLowest)
      root = parent
      put(sibling, with: total, at: 0, in: parent)
    } else if branches[parent].count == Self.branchWidth {
      let right = splitBranch(parent)
      if isLowest ? leaves[sibling].parent == right : branches[sibling].parent == right { parent = right }
    }
    let slot = childSlot(of: sibling, in: parent)
    sums[slot] -= sum
    put(node, with: sum, at: slot + 1 - parent * Self.branchWidth, in: parent)
  }

  private mutating func put(_ node: Int, with sum: Run.Measure, at index: Int, in parent: Int) {
    let first = parent * Self.branchWidth
    var slot = first + branches[parent].count
    while slot > first + index {
      children[slot] = children[slot - 1]
      sums[slot] = sums[slot - 1]
      slot -= 1
    }
    children[slot] = node
    sums[slot] = sum
    branches[parent].count += 1
    setParent(of: node, below: parent)
  }

  private mutating func setParent(of node: Int, below parent: Int) {
    if branches[parent].isLowest { leaves[node].parent = parent } else { branches[node].parent = parent }
  }

  /// Moves the upper half of `branch` to a new branch after it, and returns that.
  private mutating func splitBranch(_ branch: Int) -> Int {
    let half = Self.branchWidth / 2
    let right = newBranch(isLowest: branches[branch].isLowest)
    var sum = Run.Measure.zero
    for index in 0..<half {
      let from = branch * Self.branchWidth + half + index
      children[right * Self.branchWidth + index] = children[from]
      sums[right * Self.branchWidth + index] = sums[from]
      sum += sums[from]
      setParent(of: children[from], below: right)
    }
    branches[right].count = half
    branches[branch].count = half
    adopt(right, after: branch, in: branches[branch].parent, isLowest: false, sum: sum)
    return right
  }

  /// Takes `leaf`, which is empty, out of the tree, and the branches that become empty with it. The last leaf stays.
  private mutating func unlink(_ leaf: Int) {
    let (previous, next) = (leaves[leaf].previous, leaves[leaf].next)
    guard previous != Self.none || next != Self.none else { return }
    if previous != Self.none { leaves[previous].next = next }
    if next != Self.none { leaves[next].previous = previous }
    var (node, parent) = (leaf, leaves[leaf].parent)
    while parent != Self.none {
      let last = parent * Self.branchWidth + branches[parent].count - 1
      for slot in childSlot(of: node, in: parent)..<last {
        children[slot] = children[slot + 1]
        sums[slot] = sums[slot + 1]
      }
      branches[parent].count -= 1
      guard branches[parent].count == 0 else { break }
      (node, parent) = (parent, branches[parent].parent)
    }
    freeLeaves.append(leaf)
  }
}
