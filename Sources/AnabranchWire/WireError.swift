/// Bytes that are not what the format says.
public struct WireError: Error, Hashable, Sendable {
  /// What kind of fault it is.
  public enum Code: String, Hashable, Sendable {
    /// The bytes end before the value does.
    case truncated
    /// Bytes are left after the value.
    case trailing
    /// A value is beyond its limit.
    case limit
    /// The value is known, but its bytes are not the ones its encoder writes.
    case nonCanonical
    /// A value that the format does not have.
    case invalid
    /// The version is one this program does not read.
    case version
    /// A hash differs from the one that was announced.
    case hash
  }

  /// What kind of fault it is.
  public var code: Code
  /// What was expected and what came.
  public var message: String
  /// Where in the bytes, from 0.
  public var offset: Int

  /// A fault of that kind at `offset`.
  public init(_ code: Code, _ message: String, offset: Int = 0) {
    self.code = code
    self.message = message
    self.offset = offset
  }
}
