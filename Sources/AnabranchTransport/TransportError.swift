/// What went wrong with a connection: what was expected, what came, and what to do.
public struct TransportError: Error, Hashable, Sendable {
  /// What kind of failure it is.
  public enum Code: String, Hashable, Sendable {
    /// An address cannot be read.
    case address
    /// A name has no address.
    case unresolvable
    /// Nobody listens there.
    case refused
    /// No way leads there.
    case unreachable
    /// No answer came in time.
    case timeout
    /// Somebody else listens there already.
    case inUse = "in-use"
    /// The system does not allow it.
    case denied
    /// This machine has no such address.
    case unavailable
    /// The connection broke.
    case broken
    /// The other side does not read what is sent to it.
    case overflow
    /// The other side is another user.
    case foreign
    /// A folder or a file could be tampered with, or is not what it should be.
    case unsafe
    /// A frame or a path is beyond its limit.
    case limit
    /// The connection is closed on this side.
    case closed
    /// Another refusal of the system's.
    case system
  }

  /// What kind of failure it is.
  public var code: Code
  /// What was expected and what came instead.
  public var message: String
  /// What to do about it; empty where nothing can be done.
  public var remedy: String

  /// A failure of that kind.
  public init(_ code: Code, _ message: String, remedy: String = "") {
    self.code = code
    self.message = message
    self.remedy = remedy
  }
}
