/// Why a handshake or a session cannot go on. Whoever gets one closes the connection; nothing can be repaired.
public struct NoiseError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What kind of thing it was.
  public enum Code: Hashable, Sendable {
    /// What came was altered, was made with another key or another secret, or came out of order.
    case unauthentic
    /// A key with which anybody would share the same secret.
    case lowOrder
    /// A message is longer than the protocol allows, or too short to be one.
    case length
    /// The steps were not taken in the order that the pattern says, or one of them has failed before.
    case order
    /// So much was sent that a nonce would come twice.
    case exhausted
  }

  /// What kind of thing it was.
  public let code: Code
  /// One sentence: what was expected, and what came.
  public let description: String

  init(_ code: Code, _ description: String) {
    self.code = code
    self.description = description
  }
}
