/// Which scalars of a text are the same, though several operations inserted them one after the other: each undo that brings
/// something again inserts it anew.
struct TextLineage: Sendable {
  /// By operation, where what it inserted was before, with how many scalars lie before each stretch.
  private let regained: [OperationID: [(start: Int, origin: TextOrigin)]]

  init(_ regained: [OperationID: [TextOrigin]]) {
    self.regained = regained.mapValues { origins in
      var start = 0
      return origins.map { origin in
        defer { start += origin.count }
        return (start, origin)
      }
    }
  }

  /// Whether what an operation inserted was there before.
  func came(_ operation: OperationID) -> Bool { regained[operation] != nil }

  /// What a scalar was before; nil for one that did not come again.
  private func origin(of name: TextScalar.Name) -> TextScalar.Name? {
    guard let operation = name.operation, let stretches = regained[operation],
      let stretch = stretches.last(where: { $0.start <= name.offset }),
      name.offset < stretch.start + stretch.origin.count
    else { return nil }
    return TextScalar.Name(
      operation: stretch.origin.operation, offset: stretch.origin.offset + name.offset - stretch.start)
  }

  /// A scalar and all that it was before, itself first. What comes from itself, which only a forged history has, ends there.
  func names(of name: TextScalar.Name) -> [TextScalar.Name] {
    var names = [name]
    while let before = origin(of: names[names.count - 1]), !names.contains(before) { names.append(before) }
    return names
  }

  /// What a scalar was at first.
  func root(of name: TextScalar.Name) -> TextScalar.Name {
    names(of: name).last ?? name
  }
}

extension TextDocument {
  /// The first operation whose words show and which `isOwn` does not count as own; nil where there is none. Words that came
  /// again count as those of all that inserted them, and what the text began with as own. O(text).
  public func firstWriter(
    regained: [OperationID: [TextOrigin]], besides isOwn: (OperationID) -> Bool
  ) -> OperationID? {
    let lineage = TextLineage(regained)
    for span in spans {
      guard let operation = span.operation, !isOwn(operation) else { continue }
      // Of what is not here nobody can say whose it was.
      guard lineage.came(operation), !span.text.isEmpty else { return operation }
      for offset in span.offset..<span.offset + span.count {
        let names = lineage.names(of: .init(operation: operation, offset: offset))
        guard names.contains(where: { $0.operation.map(isOwn) ?? true }) else { return operation }
      }
    }
    return nil
  }
}
