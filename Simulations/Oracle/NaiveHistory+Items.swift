public import AnabranchCore
public import AnabranchWire

/// What the state hash counts.
extension NaiveHistory {
  /// Every item of the state, once.
  public var items: Set<StateItem> {
    var items = Set(operations.compactMap(item(alone:)))
    for conversation in listed {
      guard let source = source(of: conversation) else { continue }
      items.insert(.source(conversation, source.import, content: source.applied.operation.contentHash))
    }
    for key in messageKeys {
      guard let base = base(of: key) else { continue }
      items.insert(
        .message(
          key.message, of: key.conversation, base.message, updated: base.updated,
          content: base.applied.operation.contentHash))
    }
    for key in registers {
      for write in live(key.register, of: key.object) {
        items.insert(
          .register(
            key.object, key.register, write.id, time: write.time, content: write.operation.contentHash))
      }
    }
    for conversation in Set(operations.compactMap(\.target)) {
      for message in lastRead(in: conversation) { items.insert(.read(conversation, message)) }
    }
    for (conversation, operations) in activity {
      for operation in operations { items.insert(.activity(conversation, operation)) }
    }
    return items
  }

  /// The item of an operation that no other one can replace; nil for all others.
  private func item(alone applied: Applied) -> StateItem? {
    switch applied.mutation {
    case .createConversation(let create):
      return .conversation(.native(applied.id), created: create.created)
    case .appendText(let append):
      guard let message = applied.target else { return nil }
      return .append(
        applied.id, to: message, append, time: applied.time, content: applied.operation.contentHash)
    case .editText(let edit):
      guard let object = applied.target else { return nil }
      return .edit(
        applied.id, of: object, edit, time: applied.time, content: applied.operation.contentHash)
    case .addElement(let add):
      guard let object = applied.target, live(add.set, of: object).contains(applied) else { return nil }
      return .element(object, add.set, applied.id, content: applied.operation.contentHash)
    case .trash:
      guard let object = applied.target else { return nil }
      return .deletion(object, Deletion(operation: applied.id, seen: applied.seen))
    case .purge:
      return applied.target.map { .purge($0, applied.id) }
    case .purgePast(let purge):
      return applied.target.map {
        .purgePast(applied.id, in: $0, purge, content: applied.operation.contentHash)
      }
    case .withdraw:
      guard let object = applied.target else { return nil }
      return withdrawals(of: object).first { $0.operation == applied.id }.map { .withdrawal(object, $0) }
    case .reinstate:
      return applied.target.map { .reinstatement($0, applied.id) }
    case .createMessage, .markRead, .writeRegister, .removeElement, .restore, .importConversation, .importMessage,
      .chunk, .receipt, .undo, .regainText, .enrol, .restrict, .adopt, .unknown:
      return nil
    }
  }

  /// The fingerprint that every replica with these changes must report.
  public var stateHash: Digest {
    var sum = StateHash()
    for item in items { sum.add(item.hash) }
    return StateHash.state(items: sum)
  }
}
