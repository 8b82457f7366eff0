/// One scalar of a text, and where it comes from.
struct TextScalar: Hashable {
  /// What tells a scalar from every other one: what inserted it, nil for the beginning, and its place in that.
  struct Name: Hashable {
    var operation: OperationID?
    var offset: Int
  }

  /// Nil where it is absent.
  var name: Name?
  /// Nil where it is absent, or where nobody asks for it.
  var scalar: Unicode.Scalar?
}

extension TextDocument {
  /// The text scalar by scalar. O(text).
  var scalars: [TextScalar] {
    var scalars: [TextScalar] = []
    for span in spans {
      if span.text.isEmpty {
        scalars += Array(repeating: TextScalar(), count: span.count)
      } else {
        for (place, scalar) in span.text.unicodeScalars.enumerated() {
          scalars.append(
            TextScalar(name: .init(operation: span.operation, offset: span.offset + place), scalar: scalar))
        }
      }
    }
    return scalars
  }
}

/// The operations on a text and what each writer had seen of it.
struct TextPast {
  /// In a causal order.
  let operations: [TextOperation]
  private let base: PartialText
  /// The indices of the operations that each names as seen.
  private let predecessors: [[Int]]

  init(_ operations: [TextOperation], base: PartialText) {
    self.operations = operations.inCausalOrder
    self.base = base
    var byChange: [ChangeID: [Int]] = [:]
    for (index, operation) in self.operations.enumerated() { byChange[operation.id.change, default: []].append(index) }
    predecessors = self.operations.map { [operations = self.operations] operation in
      operation.predecessors.compactMap { name in
        // A name may be any identifier of an operation.
        byChange[name.change]?.last { operations[$0].id <= name && operations[$0].id != operation.id }
      }
    }
  }

  /// What the writer of an operation had seen. O(operations).
  private func past(of index: Int) -> Set<Int> {
    var past: Set<Int> = []
    var waiting = predecessors[index]
    while let next = waiting.popLast() {
      if past.insert(next).inserted { waiting += predecessors[next] }
    }
    return past
  }

  /// The operations that delete something, whose writers neither had seen an operation nor were seen by its writer.
  func concurrentDeletions(with index: Int, besides others: Set<OperationID>) -> [Int] {
    let past = past(of: index)
    var after: Set<Int> = [index]
    for (other, seen) in predecessors.enumerated() where seen.contains(where: after.contains) { after.insert(other) }
    return operations.indices.filter { other in
      !past.contains(other) && !after.contains(other) && !others.contains(operations[other].id)
        && operations[other].edits.contains(where: \.isDeletion)
    }
  }

  /// The text that nobody has edited.
  var beginning: [TextScalar] {
    TextDocument(base: base, []).scalars
  }

  /// The text as the writer of an operation saw it. O(history).
  func text(before index: Int) -> [TextScalar] {
    TextDocument(base: base, past(of: index).sorted().map { operations[$0] }).scalars
  }

  /// The text as an operation left it; empty for one that is not known. O(history).
  func text(after operation: OperationID) -> [TextScalar] {
    guard let index = operations.firstIndex(where: { $0.id == operation }) else { return [] }
    return TextDocument(base: base, (past(of: index).sorted() + [index]).map { operations[$0] }).scalars
  }

  /// The scalars that an operation deleted, in the order of its edits; absent ones too. O(history).
  func deleted(by index: Int) -> [TextScalar] {
    var text = text(before: index)
    let operation = operations[index]
    var inserted = 0
    var deleted: [TextScalar] = []
    for edit in operation.edits {
      let position = min(edit.position, text.count)
      if edit.isDeletion {
        let (end, overflow) = position.addingReportingOverflow(edit.count)
        let range = position..<(overflow ? text.count : min(end, text.count))
        deleted += text[range]
        text.removeSubrange(range)
      } else {
        let own = (inserted..<inserted + edit.count).map {
          TextScalar(name: .init(operation: operation.id, offset: $0), scalar: Self.placeholder)
        }
        text.insert(contentsOf: own, at: position)
        inserted += edit.count
      }
    }
    return deleted
  }

  /// Stands for what an operation inserted and deleted itself: nobody asks for it.
  private static let placeholder: Unicode.Scalar = "\u{FFFD}"
}
