internal import AnabranchCore
internal import GRDB

/// What is taken back and does not show, or showed again only for what is undone now.
extension UndoPlanner {
  /// What is taken back and does not show goes on not to show, where something else that was done to it comes again: that
  /// counts as done to it, so all that made it is taken back once more. So it does where what ends is such a taking back once more.
  mutating func keepHidden() throws {
    for (id, names) in reinstated {
      guard let key = try db.key(of: id, logs) else { continue }
      let ending = try names.compactMap { try reader.held($0).flatMap(Withdrawal.init) }
      var bases: [OperationID] = []
      for conversation in try db.conversations(of: key, logs) {
        guard let row = try MessageRow.fetch(db, conversation: conversation, key: key, from: .hidden),
          try reader.isTakenBack(row, in: conversation)
        else { continue }
        let own = try reader.bases(of: row, in: conversation).map(\.id)
        let isHidden = try wasHidden(key, own, before: ending) { endings in
          try Withdrawal.hide(endings, bases: own, activity: reader.activity(of: row).filter { !isUndone($0) })
        }
        if isHidden { bases += own }
      }
      if let row = try ConversationRow.fetch(db, key: key), row.hidden == true, let shown = row.source {
        let own = try reader.sources(of: key, shown).map(\.id)
        let isHidden = try wasHidden(key, own, before: ending) { endings in
          try endings.contains { try isAllUndone(doneTo: row, since: $0) }
        }
        if isHidden { bases += own }
      }
      guard !bases.isEmpty else { continue }
      let named = Set(takenBack[id] ?? [])
      takenBack[id, default: []] += bases.filter { !named.contains($0) }
    }
  }

  /// Whether an object that `bases` made was hidden already when it was taken back by withdrawals that are `ending`, or by none of
  /// them: whether those that stand and that these had seen hide it, as far as `hides` says so, without what is undone now.
  private func wasHidden(
    _ key: ObjectKey, _ bases: [OperationID], before ending: [Withdrawal], _ hides: ([Withdrawal]) throws -> Bool
  ) throws -> Bool {
    let later = ending.filter { !Set($0.operations).isDisjoint(with: bases) }
    guard !later.isEmpty else { return true }
    let ended = Set(ending.map(\.operation))
    let earlier = try reader.withdrawals(of: key).filter { one in
      !ended.contains(one.operation) && later.allSatisfy { $0.covers(one.operation) }
    }
    return Set(earlier.flatMap(\.operations)).isSuperset(of: bases) ? try hides(earlier) : false
  }

  /// An imported conversation that was taken back, and shows because of what was done to it since, goes again where all that
  /// is undone.
  mutating func hideAgain() throws {
    for id in plan.conversations.sorted() where takenBack[id] == nil && reinstated[id] == nil {
      guard let key = try db.key(of: id, logs), let row = try ConversationRow.fetch(db, key: key), row.exists,
        row.created == nil, let shown = row.source
      else { continue }
      let sources = try reader.sources(of: key, shown).map(\.id)
      let endings = try reader.withdrawals(of: key).filter { $0.operations.contains(where: sources.contains) }
      guard sources.allSatisfy({ source in endings.contains { $0.operations.contains(source) } }),
        try endings.contains(where: { try isAllUndone(doneTo: row, since: $0) })
      else { continue }
      takenBack[id] = sources
    }
  }

  /// Whether what was done to a conversation, messages apart, and a withdrawal had not seen is taken back now.
  private func isAllUndone(doneTo row: ConversationRow, since withdrawal: Withdrawal) throws -> Bool {
    let end = Deletion(operation: withdrawal.operation, seen: withdrawal.seen)
    return try row.activity.map { try logs.operation(of: $0) }.allSatisfy { last in
      try !isTouched(row.key, upTo: last.sequence, of: last, since: end)
    }
  }
}
