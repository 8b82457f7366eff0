public import AnabranchCore

/// A text as FugueMax defines it, scalar by scalar and with everything kept: the slow reference for
/// ``TextDocument``.
///
/// Every scalar ever inserted is a node of a tree. It is a right child of the scalar to its left or, where that
/// has something to its right already, a left child of what comes next; the text is the tree read from left to right.
/// Weidner and Kleppmann, "The Art of the Fugue", 2023, Algorithm 1 and §5.
public struct NaiveText: Sendable {
  private struct Node: Sendable {
    /// The event that inserted it; nil for the root, and for a scalar of the beginning.
    var event: Int?
    var scalar: Unicode.Scalar?
    /// The node whose place in the text was right after it when it was inserted; nil for the end.
    var rightOrigin: Int?
    var leftChildren: [Int] = []
    var rightChildren: [Int] = []
  }

  private enum Effect: Sendable {
    case inserted(node: Int)
    case deleted(node: Int)
    case nothing
  }

  private var nodes: [Node]
  private var effects: [Effect] = []
  private var names: [OperationID] = []

  /// The text that begins as `base`.
  public init(base: String = "") {
    self.init(base: PartialText(base))
  }

  /// The text that begins as `base`, of which some may be gone.
  public init(base: PartialText) {
    nodes = [Node()]
    for scalar in Self.scalars(base.text, gone: base.gone, count: base.count) {
      nodes[nodes.count - 1].rightChildren = [nodes.count]
      nodes.append(Node(scalar: scalar))
    }
  }

  /// The scalars of a text of `count`, nil for each that is gone.
  private static func scalars(_ text: String, gone: [Range<Int>], count: Int) -> [Unicode.Scalar?] {
    var rest = text.unicodeScalars.makeIterator()
    return (0..<count).map { place in gone.contains { $0.contains(place) } ? nil : rest.next() }
  }

  /// Adds `operation`, made by somebody who had seen the events of `past`, and returns what its writer had seen then.
  public mutating func add(_ operation: TextOperation, past: Set<Int>) -> Set<Int> {
    var past = past
    let inserted = operation.inserted.map { String(decoding: $0, as: UTF8.self) } ?? ""
    var scalars = Self.scalars(inserted, gone: operation.gone, count: operation.edits.insertedCount)[...]
    for edit in operation.edits {
      for step in 0..<edit.count {
        let event = effects.count
        switch edit.kind {
        case .insert: insert(scalars.popFirst() ?? nil, operation.id, at: edit.position + step, past)
        case .deleteForward: delete(at: edit.position, past)
        case .deleteBackward: delete(at: edit.position + edit.count - 1 - step, past)
        }
        names.append(operation.id)
        past.insert(event)
      }
    }
    return past
  }

  /// The text of somebody who has seen `past`, without scalars that are absent.
  public func text(_ past: Set<Int>) -> String {
    var text = String.UnicodeScalarView()
    text.append(contentsOf: visible(past).compactMap { nodes[$0].scalar })
    return String(text)
  }

  private mutating func insert(_ scalar: Unicode.Scalar?, _ name: OperationID, at position: Int, _ past: Set<Int>) {
    let visible = visible(past)
    let left = position == 0 || visible.isEmpty ? 0 : visible[min(position, visible.count) - 1]
    let known = order.filter { isKnown($0, past) }
    let place = known.firstIndex(of: left) ?? 0
    let right = place + 1 < known.count ? known[place + 1] : nil
    let node = nodes.count
    nodes.append(Node(event: effects.count, scalar: scalar, rightOrigin: right))
    if let right, isDescendant(right, of: left) {
      let siblings = nodes[right].leftChildren
      nodes[right].leftChildren.insert(node, at: siblings.firstIndex { isLess(name, $0) } ?? siblings.count)
    } else {
      // In descending order of their right origins.
      let siblings = nodes[left].rightChildren
      let order = order
      func end(_ origin: Int?) -> Int { origin.flatMap(order.firstIndex) ?? order.count }
      let index = siblings.firstIndex { sibling in
        let (mine, other) = (end(right), end(nodes[sibling].rightOrigin))
        return mine == other ? isLess(name, sibling) : mine > other
      }
      nodes[left].rightChildren.insert(node, at: index ?? siblings.count)
    }
    effects.append(.inserted(node: node))
  }

  private mutating func delete(at position: Int, _ past: Set<Int>) {
    let visible = visible(past)
    effects.append(position < visible.count ? .deleted(node: visible[position]) : .nothing)
  }

  /// Whether the event to be added next, of `name`, goes before `sibling`.
  private func isLess(_ name: OperationID, _ sibling: Int) -> Bool {
    guard let event = nodes[sibling].event else { return false }
    return (name, effects.count) < (names[event], event)
  }

  private func isDescendant(_ node: Int, of ancestor: Int) -> Bool {
    let children = nodes[ancestor].leftChildren + nodes[ancestor].rightChildren
    return children.contains { $0 == node || isDescendant(node, of: $0) }
  }

  private func isKnown(_ node: Int, _ past: Set<Int>) -> Bool {
    nodes[node].event.map(past.contains) ?? true
  }

  /// All nodes from left to right, the root first.
  private var order: [Int] {
    var order: [Int] = []
    func read(_ node: Int) {
      nodes[node].leftChildren.forEach(read)
      order.append(node)
      nodes[node].rightChildren.forEach(read)
    }
    read(0)
    return order
  }

  /// The scalars that somebody sees who has seen `past`.
  private func visible(_ past: Set<Int>) -> [Int] {
    var deleted: Set<Int> = [0]
    for event in past {
      if case .deleted(let node) = effects[event] { deleted.insert(node) }
    }
    return order.filter { isKnown($0, past) && !deleted.contains($0) }
  }
}
