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
        // A file that comes again brings the message along, as it did before.
        let activity = try reader.activity(of: row).filter { !isUndone($0) } + attachments(in: ending)
        let isHidden = try Withdrawal.hide(
          withdrawals(of: key, own, before: ending), bases: own, activity: activity)
        if isHidden { bases += own }
      }
      if let row = try ConversationRow.fetch(db, key: key), row.hidden == true, let shown = row.source {
        let own = try reader.sources(of: key, shown).map(\.id)
        let isFree = !ending.contains { $0.operations.contains(where: own.contains) }
        let isHidden =
          try isFree || withdrawals(of: key, own, before: ending).contains { try isAllUndone(doneTo: row, since: $0) }
        if isHidden { bases += own }
      }
      guard !bases.isEmpty else { continue }
      let named = Set(takenBack[id] ?? [])
      takenBack[id, default: []] += bases.filter { !named.contains($0) }
    }
  }

  /// The withdrawals that go on to take back an object that `bases` made, once those that are `ending` do not any more; of them,
  /// where one of those took it back once more, only what that had seen. None where they do not name all of `bases`.
  private func withdrawals(
    of key: ObjectKey, _ bases: [OperationID], before ending: [Withdrawal]
  ) throws -> [Withdrawal] {
    let again = ending.filter { $0.operations.contains(where: bases.contains) }
    let ended = Set(ending.map(\.operation))
    let earlier = try reader.withdrawals(of: key).filter { one in
      !ended.contains(one.operation) && again.allSatisfy { $0.covers(one.operation) }
    }
    return Set(earlier.flatMap(\.operations)).isSuperset(of: bases) ? earlier : []
  }

  /// What of what some withdrawals name attached a file.
  private func attachments(in withdrawals: [Withdrawal]) throws -> [OperationID] {
    try withdrawals.flatMap(\.operations).filter { name in
      guard case .addElement(let add)? = try reader.held(name)?.operation.mutation else { return false }
      return add.set == .attachments
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

  /// A message that was taken back, and shows because that ended, or for what came again then, goes again where all that is undone:
  /// the end counts as done to it, so all that made it is taken back once more.
  mutating func hideMessagesAgain() throws {
    let ends = order.filter { held in if case .reinstate = held.operation.mutation { true } else { false } }
    for id in Set(ends.compactMap(\.operation.envelope.target)).sorted() where reinstated[id] == nil {
      guard let key = try db.key(of: id, logs) else { continue }
      for conversation in try db.conversations(of: key, logs) {
        guard let row = try MessageRow.fetch(db, conversation: conversation, key: key, from: .message) else { continue }
        let (own, named) = (try reader.bases(of: row, in: conversation).map(\.id), Set(takenBack[id] ?? []))
        guard !named.isSuperset(of: own),
          try Withdrawal.hide(
            reader.withdrawals(of: key), bases: own, activity: reader.activity(of: row).filter { !isUndone($0) })
        else { continue }
        takenBack[id, default: []] += own.filter { !named.contains($0) }
      }
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
