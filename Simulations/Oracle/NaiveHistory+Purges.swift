public import AnabranchCore

/// What was purged: hidden for good, whether its bytes are still there or not.
extension NaiveHistory {
  /// The objects that somebody purged.
  public var purged: Set<ObjectID> {
    Set(
      operations.compactMap { applied in
        guard case .purge = applied.mutation else { return nil }
        return applied.target
      })
  }

  /// Whether nothing is left of a message, as it stands in a conversation.
  func isPurged(_ key: MessageKey) -> Bool {
    purged.contains(key.message) || purged.contains(key.conversation)
  }

  /// Whether nothing is left of what was done to the texts of an object: it was purged, or a conversation that holds it.
  func arePurged(textsOf object: ObjectID) -> Bool {
    purged.contains(object) || messageKeys.contains { $0.message == object && purged.contains($0.conversation) }
  }

  /// Whether a purge takes what an operation says: it was done to an object that was purged, or to a message that was
  /// purged with its conversation.
  public func isTaken(_ applied: Applied) -> Bool {
    guard let target = applied.target else { return false }
    if case .chunk = applied.mutation { return false }
    if case .createMessage = applied.mutation { return isPurged(applied) }
    if case .importMessage = applied.mutation { return isPurged(applied) }
    return arePurged(textsOf: target)
  }

  /// Whether an operation that says what a message is was purged with it.
  func isPurged(_ applied: Applied) -> Bool {
    guard let conversation = applied.target else { return false }
    let message: ObjectID
    if case .importMessage(let source) = applied.mutation {
      message = .imported(source.message)
    } else {
      message = .native(applied.id)
    }
    return isPurged(MessageKey(conversation: conversation, message: message))
  }
}
