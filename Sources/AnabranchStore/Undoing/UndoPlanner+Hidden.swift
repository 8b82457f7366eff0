internal import AnabranchCore
internal import GRDB

/// What is taken back and does not show, or showed again only for what is undone now.
extension UndoPlanner {
  /// What is taken back and does not show goes on not to show, where something else that was done to it comes again: that
  /// counts as done to it, so all that made it is taken back once more.
  mutating func keepHidden() throws {
    for (id, names) in reinstated {
      guard let key = try db.key(of: id, logs) else { continue }
      let coming = Set(try names.compactMap { try reader.held($0).flatMap(Withdrawal.init) }.flatMap(\.operations))
      var bases: [OperationID] = []
      for conversation in try db.conversations(of: key, logs) {
        guard let row = try MessageRow.fetch(db, conversation: conversation, key: key, from: .hidden),
          try reader.isTakenBack(row, in: conversation)
        else { continue }
        bases += try reader.bases(of: row, in: conversation).map(\.id)
      }
      if let row = try ConversationRow.fetch(db, key: key), row.hidden == true, let shown = row.source {
        bases += try reader.sources(of: key, shown).map(\.id)
      }
      guard !bases.isEmpty, !bases.contains(where: coming.contains) else { continue }
      let named = Set(takenBack[id] ?? [])
      takenBack[id, default: []] += bases.filter { !named.contains($0) }
    }
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
