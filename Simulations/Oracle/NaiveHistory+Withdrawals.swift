public import AnabranchCore

/// What was taken back.
extension NaiveHistory {
  /// The withdrawals of what was done to an object that nobody ended, in ascending order.
  public func withdrawals(of object: ObjectID) -> [Withdrawal] {
    let ended = Set(
      operations.flatMap { applied -> [OperationID] in
        guard case .reinstate(let reinstate) = applied.mutation, applied.target == object else { return [] }
        return reinstate.withdrawals
      })
    return operations.compactMap { applied in
      guard case .withdraw(let withdraw) = applied.mutation, applied.target == object, !ended.contains(applied.id)
      else { return nil }
      return Withdrawal(operation: applied.id, seen: applied.seen, operations: withdraw.operations)
    }
  }

  /// The operations on an object that count as not done.
  func withdrawn(from object: ObjectID) -> Set<OperationID> {
    Set(withdrawals(of: object).flatMap(\.operations))
  }

  /// The ends of withdrawals of an object.
  private func reinstatements(of object: ObjectID) -> [OperationID] {
    operations.compactMap { applied in
      guard case .reinstate = applied.mutation, applied.target == object else { return nil }
      return applied.id
    }
  }

  /// Whether all of `bases` are taken back, by people who had seen all of `activity`.
  private func isTakenBack(_ object: ObjectID, bases: [OperationID], activity: [OperationID]) -> Bool {
    let ending = withdrawals(of: object).filter { !Set($0.operations).isDisjoint(with: bases) }
    let taken = Set(ending.flatMap(\.operations))
    guard !bases.isEmpty, taken.isSuperset(of: bases) else { return false }
    return activity.allSatisfy { done in
      ending.contains { one in
        one.operation.log == done.log ? done <= one.operation : done.sequence <= one.seen[done.log]
      }
    }
  }

  /// What attached files to a message and is not taken back, whether somebody detached them or not.
  private func filesAttached(to message: ObjectID) -> [OperationID] {
    let taken = withdrawn(from: message)
    return operations.filter { applied in
      guard case .addElement(let add) = applied.mutation, add.set == .attachments else { return false }
      return applied.target == message && !taken.contains(applied.id)
    }.map(\.id)
  }

  /// The messages of a conversation that do not show: those that are taken back and that no message follows which shows.
  public func hiddenMessages(of conversation: ObjectID) -> Set<ObjectID> {
    let here = messageKeys.filter { $0.conversation == conversation }
    var shown = here.filter { key in
      let edits = operations.filter { $0.target == key.message && $0.mutation.text == .body }.map(\.id)
      let files = filesAttached(to: key.message)
      return !isTakenBack(
        key.message, bases: bases(of: key).map(\.id), activity: edits + files + reinstatements(of: key.message))
    }
    while true {
      let followed = Set(shown.flatMap { base(of: $0)?.message.parents ?? [] })
      let more = here.filter { !shown.contains($0) && followed.contains($0.message) }
      if more.isEmpty { break }
      shown.formUnion(more)
    }
    return Set(here.subtracting(shown).map(\.message))
  }

  /// Whether nothing shows of an imported conversation: it was taken back, with all its messages.
  public func isTakenBack(_ conversation: ObjectID) -> Bool {
    guard !operations.contains(where: { .native($0.id) == conversation }) else { return false }
    let bases = operations.filter { applied in
      if case .importConversation = applied.mutation { applied.target == conversation } else { false }
    }
    let hidden = hiddenMessages(of: conversation)
    guard messageKeys.allSatisfy({ $0.conversation != conversation || hidden.contains($0.message) }) else {
      return false
    }
    return isTakenBack(conversation, bases: bases.map(\.id), activity: Array(activity[conversation] ?? []))
  }
}
