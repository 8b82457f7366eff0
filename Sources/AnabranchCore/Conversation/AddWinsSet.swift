/// A set in which adding wins over removing: a removal undoes only the additions its author had seen.
///
/// Bieniusa et al., "An Optimized Conflict-free Replicated Set", 2012. Needs causal delivery, hence no
/// tombstones: an addition comes before every removal that names it.
public struct AddWinsSet<Element: Hashable & Sendable>: Sendable {
  /// The additions that stand and what each added.
  public private(set) var additions: [OperationID: Element]

  /// A set in which `additions` stand.
  public init(additions: [OperationID: Element] = [:]) {
    self.additions = additions
  }

  /// Adds `element`. O(1).
  public mutating func add(_ element: Element, by operation: OperationID) {
    additions[operation] = element
  }

  /// Undoes `seen` and nothing else. O(seen).
  public mutating func remove(_ seen: [OperationID]) {
    for operation in seen { additions[operation] = nil }
  }

  /// The elements that some addition stands for.
  public var elements: Set<Element> {
    Set(additions.values)
  }

  /// Whether an addition stands. O(1).
  public func stands(_ addition: OperationID) -> Bool {
    additions[addition] != nil
  }

  /// The additions that a removal of `element` has to name, in ascending order.
  public func additions(of element: Element) -> [OperationID] {
    additions.filter { $0.value == element }.keys.sorted()
  }
}
