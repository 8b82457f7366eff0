/// An operation on a text: what was done, by whom, and what its writer had seen.
public struct TextOperation: Hashable, Sendable {
  /// Its name.
  public var id: OperationID
  /// What its writer had seen, and nothing else follows that its writer had seen.
  public var predecessors: [OperationID]
  /// What was done, one after the other.
  public var edits: [TextEdit]
  /// The UTF-8 of what the edits insert, as far as it is there; nil where all of it is absent.
  public var inserted: ArraySlice<UInt8>?
  /// Which of the scalars that the edits insert are gone: see ``PartialText/gone``.
  public var gone: [Range<Int>] = []

  /// An operation of those parts. Inserted bytes that are not UTF-8, or not as many scalars as `edits` insert, count
  /// as absent. O(inserted).
  public init(id: OperationID, predecessors: [OperationID], edits: [TextEdit], inserted: ArraySlice<UInt8>?) {
    self.id = id
    self.predecessors = predecessors
    self.edits = edits
    self.inserted = inserted.flatMap { String(utf8: $0)?.scalarCount == edits.insertedCount ? $0 : nil }
  }

  /// The same operation, of which only `inserted` is there; nothing, where that has not as many scalars. O(inserted).
  public func inserting(_ inserted: PartialText?) -> TextOperation {
    var copy = self
    let partial = inserted.flatMap { $0.count == edits.insertedCount ? $0 : nil }
    copy.inserted = partial.map { Array($0.text.utf8)[...] }
    copy.gone = partial?.gone ?? []
    return copy
  }

  /// What `mutation`, made by `id`, does to a text of its target; nil where it does nothing to any.
  public init?(_ mutation: Mutation, id: OperationID, content: Content) {
    switch mutation {
    case .appendText(let append):
      let edit = TextEdit(.insert, at: Int(append.position), count: Int(append.length))
      self.init(
        id: id, predecessors: append.predecessors, edits: append.length > 0 ? [edit] : [], inserted: content.bytes)
    case .editText(let edit):
      self.init(
        id: id, predecessors: edit.predecessors, edits: edit.edits,
        inserted: edit.edits.insertedCount == 0 ? [] : content.bytes)
    default:
      return nil
    }
  }
}

extension Mutation {
  /// The text of its target that it changes; nil where it changes none.
  public var text: TextKind? {
    switch self {
    case .appendText: .body
    case .editText(let edit): edit.text
    default: nil
    }
  }
}

extension [TextOperation] {
  /// The operations in a causal order, those of one log in their own: each after those of its predecessors that are
  /// among them. The same for the same operations. What waits for itself, which only a forged history has, comes last.
  /// O(n log n + predecessors).
  public var inCausalOrder: [TextOperation] {
    let sorted = self.sorted { $0.id < $1.id }
    return sorted.causalOrder(of: sorted.indices)
  }

  /// The operations in a causal order, as ``inCausalOrder`` is: the order of `precedes`, as far as that is one.
  func inCausalOrder(_ precedes: (TextOperation, TextOperation) -> Bool) -> [TextOperation] {
    let sorted = self.sorted { $0.id < $1.id }
    return sorted.causalOrder(of: sorted.indices.sorted { precedes(sorted[$0], sorted[$1]) })
  }

  /// These operations, which ascend, in the order of `indices`, but each after what it waits for.
  private func causalOrder(of indices: some Sequence<Int>) -> [TextOperation] {
    var done = [Bool](repeating: false, count: count)
    var order: [Int] = []
    order.reserveCapacity(count)
    // What an operation waits for is taken first.
    var stack: [Int] = []
    var isWaiting = done
    for first in indices where !done[first] {
      stack.append(first)
      while let next = stack.last {
        let blockers = blockers(of: next).filter { !done[$0] && !isWaiting[$0] }
        isWaiting[next] = true
        if let blocker = blockers.first {
          stack.append(blocker)
        } else {
          stack.removeLast()
          isWaiting[next] = false
          done[next] = true
          order.append(next)
        }
      }
    }
    return order.map { self[$0] }
  }

  /// What the operation at `index` of these, which ascend, comes after: the one before it in its log, and those it
  /// names.
  private func blockers(of index: Int) -> [Int] {
    var blockers: [Int] = []
    if index > 0, self[index - 1].id.log == self[index].id.log { blockers.append(index - 1) }
    for name in self[index].predecessors {
      let place = partitioningIndex { $0.id > name } - 1
      if place >= 0, place != index, self[place].id.change == name.change { blockers.append(place) }
    }
    return blockers
  }

  /// These operations, which are in a causal order, by what the text was that their writers began with: the first
  /// thing they, or else what they follow, name that is none of these operations. Nil where nothing is named.
  public var byRoot: [OperationID?: [TextOperation]] {
    var roots: [ChangeID: [(index: UInt32, root: OperationID?)]] = [:]
    var groups: [OperationID?: [TextOperation]] = [:]
    for operation in self {
      let root = operation.predecessors.first.flatMap { first in
        let before = roots[first.change]?.last { $0.index <= first.index }
        return before.map(\.root) ?? first
      }
      roots[operation.id.change, default: []].append((operation.id.index, root))
      groups[root, default: []].append(operation)
    }
    return groups
  }
}
