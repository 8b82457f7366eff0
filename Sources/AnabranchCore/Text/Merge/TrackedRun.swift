/// Scalars of consecutive names which were inserted one after the other and have fared alike since.
struct TrackedRun: MeasuredRun {
  /// How many scalars are there, as the two versions that ``MergeState`` keeps see it.
  struct Measure: AdditiveArithmetic, Sendable {
    /// In the version of the event that comes next.
    var prepared: Int
    /// In the version of everything replayed so far.
    var effective: Int

    static let zero = Measure(prepared: 0, effective: 0)
    static func + (a: Self, b: Self) -> Self {
      Self(prepared: a.prepared &+ b.prepared, effective: a.effective &+ b.effective)
    }
    static func - (a: Self, b: Self) -> Self {
      Self(prepared: a.prepared &- b.prepared, effective: a.effective &- b.effective)
    }
  }

  /// The name of the first scalar; the others' follow.
  var name: Int
  var count: Int
  /// The scalar to the left when the first one was inserted, or ``MergeState/beginning``; each other one's is the
  /// scalar before it.
  var leftOrigin: Int
  /// The scalar to the right when they were inserted, or ``MergeState/end``.
  var rightOrigin: Int
  /// In the version of the next event: 0 not inserted yet, 1 there, above that deleted, once for each deletion seen.
  var prepared: Int
  /// Whether any event replayed so far deleted them.
  var isDeleted: Bool

  var names: Range<Int> {
    name..<name + count
  }

  var measure: Measure {
    Measure(prepared: prepared == 1 ? count : 0, effective: isDeleted ? 0 : count)
  }

  /// Cuts off what follows the first `offset` scalars and returns it.
  mutating func split(at offset: Int) -> TrackedRun {
    var rest = self
    rest.name += offset
    rest.count -= offset
    rest.leftOrigin = rest.name - 1
    count = offset
    return rest
  }
}

/// What became of consecutive names: where scalars lie in the tree, or what deletions deleted.
struct NamedRun: MeasuredRun {
  enum Meaning: Hashable, Sendable {
    /// Events that have not been replayed, or did nothing.
    case nothing
    /// Scalars, in that leaf of the tree.
    case inserted(leaf: Int)
    /// Deletions of the scalars from `first` on: in that order, or, where they went `backward`, from the last to it.
    case deleted(first: Int, backward: Bool)
  }

  var count: Int
  var meaning: Meaning

  var measure: Int { count }

  /// The names of `offsets`, counted from the first.
  func part(_ offsets: Range<Int>) -> NamedRun {
    guard case .deleted(let first, let backward) = meaning else {
      return NamedRun(count: offsets.count, meaning: meaning)
    }
    let lowest = first + (backward ? count - offsets.upperBound : offsets.lowerBound)
    return NamedRun(count: offsets.count, meaning: .deleted(first: lowest, backward: backward))
  }
}
