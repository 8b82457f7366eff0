/// When a device signs what it writes.
///
/// At once, in the same transaction, where it has not just done so: a person's messages, a command's one change. In a burst of writes a
/// signature each would cost as much as all else, so there it comes once an interval, for all since the last. Nobody waits for
/// it: what is sent is signed as it goes out.
struct SigningPace {
  /// Between two signatures.
  static let interval = Duration.milliseconds(100)

  /// How long each write is signed at once for somebody who begins to copy the database.
  static let copyMax = Duration.seconds(2)

  /// All is signed at once before that.
  private var hurryEnd: Duration?
  /// Nothing is signed at once before that.
  private var rest: Duration?
  /// When what was written meanwhile is to be signed; nil where there is nothing.
  private(set) var deadline: Duration?

  /// Whether what is written now is signed in the same transaction.
  func isAtOnce(now: Duration) -> Bool {
    if let hurryEnd, now < hurryEnd { return true }
    return rest.map { $0 <= now } ?? true
  }

  /// Somebody is about to copy the database: what is written while that begins is signed at once.
  mutating func hurry(now: Duration) {
    hurryEnd = now + Self.copyMax
  }

  /// Takes note of what was done: whether something was signed, and whether something is not. Returns whether there is a deadline
  /// that was not there before.
  mutating func notice(hasSigned: Bool, isUnsigned: Bool, now: Duration) -> Bool {
    if hasSigned { rest = now + Self.interval }
    guard isUnsigned else {
      deadline = nil
      return false
    }
    guard deadline == nil else { return false }
    deadline = now + Self.interval
    return true
  }

  /// The deadline has come, and what waited is signed now.
  mutating func ring() {
    (rest, deadline) = (nil, nil)
  }
}
