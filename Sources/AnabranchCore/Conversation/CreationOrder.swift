/// Where a message stands among others that follow the same one: the order of the linear reading.
///
/// By the time of creation; then messages of one log as they were written, so that two of the same millisecond keep
/// their order; then by name. Total, and the same on every replica.
public struct CreationOrder: Hashable, Comparable, Sendable {
  /// Milliseconds since 1970; 0 where nobody knows.
  public let created: Int64
  /// The message.
  public let message: ObjectID

  /// The place of `message`, which was created at `created`.
  public init(created: Int64, message: ObjectID) {
    self.created = created
    self.message = message
  }

  /// Whether `a` stands before `b`.
  public static func < (a: Self, b: Self) -> Bool {
    guard a.created == b.created else { return a.created < b.created }
    switch (a.message, b.message) {
    case (.native(let a), .native(let b)): return a < b
    case (.native, .imported): return true
    case (.imported, .native): return false
    case (.imported, .imported): return a.message < b.message
    }
  }
}
