public import AnabranchCore

/// What lies in the trash.
extension NaiveHistory {
  /// The conversation that an operation of a person, messages and deletions apart, was done to.
  ///
  /// Editing the body of a message counts for every conversation that holds the message.
  private func touched(by applied: Applied, keys: Set<MessageKey>) -> [ObjectID] {
    switch applied.mutation {
    case .createConversation:
      return [.native(applied.id)]
    case .writeRegister, .addElement, .removeElement, .restore:
      return applied.target.map { [$0] } ?? []
    case .reinstate:
      return applied.target.map { target in [target] + keys.filter { $0.message == target }.map(\.conversation) } ?? []
    case .editText(let edit) where edit.text != .body:
      return applied.target.map { [$0] } ?? []
    case .appendText, .editText:
      return keys.filter { $0.message == applied.target }.map(\.conversation)
    case .createMessage, .trash, .importConversation, .importMessage, .chunk, .purge, .purgePast, .receipt, .markRead,
      .withdraw, .undo, .regainText, .enrol, .restrict, .adopt, .unknown:
      return []
    }
  }

  /// For each conversation the last thing that each log did to it, messages apart.
  public var activity: [ObjectID: Set<OperationID>] {
    let keys = messageKeys
    var all: [ObjectID: [OperationID]] = [:]
    for applied in operations {
      for conversation in touched(by: applied, keys: keys) {
        all[conversation, default: []].append(applied.id)
      }
    }
    return all.mapValues { Set(Self.lastOfEachLog($0)) }
  }

  /// The deletions of an object, in ascending order.
  public func deletions(of object: ObjectID) -> [Deletion] {
    operations.compactMap { applied in
      guard case .trash = applied.mutation, applied.target == object else { return nil }
      return Deletion(operation: applied.id, seen: applied.seen)
    }
  }

  /// Whether a deletion covers everything a person did to `conversation`.
  public func isHidden(_ conversation: ObjectID) -> Bool {
    let hidden = hiddenMessages(of: conversation)
    let spoken = operations.filter { applied in
      guard case .createMessage = applied.mutation else { return false }
      return applied.target == conversation && !hidden.contains(.native(applied.id))
    }
    let done = Self.lastOfEachLog(spoken.map(\.id)) + (activity[conversation] ?? [])
    return deletions(of: conversation).contains { deletion in
      done.allSatisfy { operation in
        operation.log == deletion.operation.log
          ? operation <= deletion.operation
          : operation.sequence <= deletion.seen[operation.log]
      }
    }
  }

  static func lastOfEachLog(_ operations: [OperationID]) -> [OperationID] {
    operations.filter { candidate in
      !operations.contains { $0.log == candidate.log && $0 > candidate }
    }
  }
}
