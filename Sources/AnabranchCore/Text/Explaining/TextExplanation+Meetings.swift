extension TextExplanation {
  /// Where what two writers did came together who had not seen each other's.
  public enum Meeting: Hashable, Sendable {
    /// Both inserted at one place: `first` stands before `second`, by a rule.
    case insertions(first: Words, second: Words, Rule)
    /// All of these deleted the same words, which disappeared once; `again` says what of them stands again.
    case deletions(of: TextExcerpt, by: [OperationID], again: Return?)
    /// One inserted words in the midst of what the other deleted: they stay, without what stood around them.
    case insertion(Words, within: OperationID)

    /// The operations that met.
    public var operations: [OperationID] {
      switch self {
      case .insertions(let first, let second, _): [first.operation, second.operation]
      case .deletions(_, let deleters, _): deleters
      case .insertion(let words, let deleter): [words.operation, deleter]
      }
    }

    /// What deleted some of the words that met.
    public var deleters: [OperationID] {
      switch self {
      case .insertions(let first, let second, _): first.deleters + second.deleters
      case .deletions(_, let deleters, _): deleters
      case .insertion(let words, _): words.deleters
      }
    }

    /// What put some of the words back.
    public var restorers: [OperationID] {
      if case .deletions(_, _, let again?) = self { again.operations } else { [] }
    }
  }

  /// Words that were deleted and stand again, since undos put them back.
  public struct Return: Hashable, Sendable {
    /// How many scalars of them.
    public var count: Int
    /// What inserted them anew, in a causal order.
    public var operations: [OperationID]

    /// The return of `count` scalars, inserted by `operations`.
    public init(count: Int, by operations: [OperationID]) {
      (self.count, self.operations) = (count, operations)
    }
  }

  /// Words that somebody inserted in one go.
  public struct Words: Hashable, Sendable {
    /// What inserted them.
    public var operation: OperationID
    /// What they say.
    public var text: TextExcerpt
    /// Whether any of them show.
    public var isShown: Bool
    /// What deleted any of them, in a causal order.
    public var deleters: [OperationID]

    /// Those words of `operation`.
    public init(operation: OperationID, text: TextExcerpt, isShown: Bool, deleters: [OperationID] = []) {
      (self.operation, self.text, self.isShown, self.deleters) = (operation, text, isShown, deleters)
    }
  }

  /// What decides which of two insertions at one place stands first: the order of FugueMax.
  public enum Rule: String, Hashable, Sendable {
    /// What the writer of the one that stands first saw to the right of the place stands further to the right than what the
    /// other one saw. So that what either wrote there stays in one piece.
    case neighbour
    /// Both saw the same to the right: the one of the lesser log stands first.
    case log
    /// They are of one log: the one that was written first.
    case place
  }

  /// Where operations met of which at least one is among `steps`, in the order of the text: what was inserted at one place, what
  /// several deleted, and what one wrote in the midst of what another one deleted. O(n log n), for each meeting the edits of its
  /// operations, and what ``deletersAround(of:)`` costs: n² where everything was made at the same time.
  public func meetings(of steps: Range<Int>) -> [Meeting] {
    var meetings: [Meeting] = []
    let around = deletersAround(of: steps)
    var last: [TextLayout.Site: TextLayout.Piece] = [:]
    var deleted: (by: [Int], pieces: [TextLayout.Piece]) = ([], [])
    let returned = returned()
    func endDeletion() {
      if deleted.by.count > 1, deleted.by.contains(where: steps.contains) {
        meetings.append(
          .deletions(
            of: excerpt(of: deleted.pieces.map(\.names)), by: deleted.by.map { operations[$0].id },
            again: again(deleted.pieces, among: returned)))
      }
      deleted = ([], [])
    }
    for (index, piece) in layout.pieces.enumerated() {
      if piece.deleters != deleted.by { endDeletion() }
      deleted.by = piece.deleters
      if piece.deleters.count > 1 { deleted.pieces.append(piece) }
      guard let operation = piece.operation else { continue }
      let before = last.updateValue(piece, forKey: layout.site(of: piece))
      if let before, let other = before.operation, steps.contains(other) || steps.contains(operation) {
        meetings.append(
          .insertions(
            first: words(from: before, by: other), second: words(from: piece, by: operation), rule(before, piece)))
      }
      for deleter in around[index] ?? [] {
        meetings.append(.insertion(words(from: piece, by: operation), within: operations[deleter].id))
      }
    }
    endDeletion()
    return meetings
  }

  /// By what a scalar was at first the operation that inserted it anew, of all that show. O(scalars that came again).
  private func returned() -> [TextScalar.Name: Int] {
    guard let lineage else { return [:] }
    var returned: [TextScalar.Name: Int] = [:]
    for piece in layout.pieces where piece.deleters.isEmpty {
      guard let operation = piece.operation, lineage.came(operations[operation].id) else { continue }
      for name in names(of: piece) { returned[lineage.root(of: name)] = operation }
    }
    return returned
  }

  /// What of deleted pieces stands again; nil where nothing does.
  private func again(_ pieces: [TextLayout.Piece], among returned: [TextScalar.Name: Int]) -> Return? {
    guard let lineage, !returned.isEmpty else { return nil }
    let found = pieces.flatMap { piece in names(of: piece).compactMap { returned[lineage.root(of: $0)] } }
    return found.isEmpty ? nil : Return(count: found.count, by: Set(found).sorted().map { operations[$0].id })
  }

  private func names(of piece: TextLayout.Piece) -> [TextScalar.Name] {
    let (operation, start) = (piece.operation.map { operations[$0].id }, offset(of: piece))
    return (start..<start + piece.names.count).map { TextScalar.Name(operation: operation, offset: $0) }
  }

  private func rule(_ first: TextLayout.Piece, _ second: TextLayout.Piece) -> Rule {
    guard first.rightOrigin == second.rightOrigin else { return .neighbour }
    let logs = [first, second].map { $0.operation.map { operations[$0].id.log } }
    return logs[0] == logs[1] ? .place : .log
  }

  /// The words that an operation inserted from the beginning of a piece on, in one go: at least those of the piece.
  private func words(from piece: TextLayout.Piece, by operation: Int) -> Words {
    var names = piece.names
    forEachEdit(of: operation) { edit, ranges in
      guard !edit.isDeletion, let own = ranges.first, own.contains(names.lowerBound) else { return }
      names = names.lowerBound..<max(names.upperBound, own.upperBound)
    }
    let pieces = layout.pieces(with: names)
    return Words(
      operation: operations[operation].id, text: excerpt(of: [names]),
      isShown: pieces.contains { $0.deleters.isEmpty },
      deleters: Set(pieces.flatMap(\.deleters)).sorted().map { operations[$0].id })
  }
}
