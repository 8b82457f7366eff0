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
    if case .addElement(let add) = applied.mutation, add.set == .attachments, purged.contains(.native(applied.id)) {
      return true
    }
    if case .createMessage = applied.mutation { return isPurged(applied) }
    if case .importMessage = applied.mutation { return isPurged(applied) }
    return arePurged(textsOf: target)
  }

  /// Whether a purge of the past takes what an operation says: somebody purged some of what it inserted; or it is itself
  /// such a purge, and another one of the same operation takes all that any does, and it does not.
  public func isPastTaken(_ applied: Applied) -> Bool {
    guard case .purgePast(let own) = applied.mutation else { return !pastPurges(of: applied).isEmpty }
    guard let purged = operations.first(where: { $0.id == own.operation }) else { return false }
    let purges = pastPurges(of: purged)
    let gone = Self.places(purges.flatMap(\.gone))
    return purges.contains(own) && Self.places(own.gone) != gone
      && purges.contains { Self.places($0.gone) == gone }
  }

  /// Whether some of what was done to the texts of an object was purged.
  public func hasPastPurge(of object: ObjectID) -> Bool {
    operations.contains { applied in
      if case .purgePast = applied.mutation { applied.target == object } else { false }
    }
  }

  private static func places(_ ranges: [Range<Int>]) -> Set<Int> {
    Set(ranges.joined())
  }

  /// The object of whose texts an operation is part.
  private func object(of applied: Applied) -> ObjectID? {
    switch applied.mutation {
    case .createMessage: .native(applied.id)
    case .importMessage(let source): .imported(source.message)
    default: applied.target
    }
  }

  /// The purges of some of what an operation inserted.
  func pastPurges(of applied: Applied) -> [PurgePast] {
    operations.compactMap { other in
      guard case .purgePast(let purge) = other.mutation, purge.operation == applied.id,
        other.target == object(of: applied), purge.count == applied.mutation.scalarCount
      else { return nil }
      return purge
    }
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
