/// What decides which of two runs is read first, where both could be: the time at which the first message of each was written,
/// then its identifier.
public struct ReadingOrder: Hashable, Comparable, Sendable {
  /// When the message was written, milliseconds since 1970 on its writer's wall clock, or as its source has it.
  public var created: Int64
  /// The message.
  public var message: ObjectID

  /// The place of `message`, which was written at `created`.
  public init(created: Int64, message: ObjectID) {
    self.created = created
    self.message = message
  }

  /// Whether `a` is read first.
  public static func < (a: Self, b: Self) -> Bool {
    (a.created, a.message) < (b.created, b.message)
  }

  /// What tells two apart.
  public enum Rule: String, Hashable, Sendable {
    /// The earlier one is read first.
    case time
    /// Of the same time: the lesser identifier.
    case identifier
  }

  /// What tells it from another one.
  public func rule(against other: Self) -> Rule {
    created == other.created ? .identifier : .time
  }
}
