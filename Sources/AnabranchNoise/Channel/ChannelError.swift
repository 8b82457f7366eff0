/// Why there is no encrypted stream, or none any more. Whoever gets one closes the connection.
public struct ChannelError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What kind of thing it was.
  public enum Code: Hashable, Sendable {
    /// The other side speaks something else, or nothing that can be read.
    case foreign
    /// It speaks another version.
    case version
    /// It does not do that: a device wants to come in where none is awaited.
    case refused
    /// It is not whom this side wants to talk to.
    case stranger
    /// What it says about itself is not true, or what came was altered on the way.
    case unauthentic
  }

  /// What kind of thing it was.
  public let code: Code
  /// One sentence: what was expected, and what came.
  public let description: String

  init(_ code: Code, _ description: String) {
    self.code = code
    self.description = description
  }

  init(_ error: NoiseError) {
    self.init(.unauthentic, error.description)
  }

  /// What the other side is told before the connection is closed, in the open; empty where that is nothing.
  ///
  /// Two zero bytes, which begin no message of a handshake, and a number. Anybody in between can write it, so it is a hint for
  /// a person and nothing else.
  public var farewell: [UInt8] {
    switch code {
    case .version: [0, 0, 1]
    case .refused: [0, 0, 2]
    case .foreign, .stranger, .unauthentic: []
    }
  }

  /// What a farewell says.
  init(farewell number: UInt8) {
    switch number {
    case 1: self.init(.version, "the other side says: it speaks another version of the encrypted stream")
    case 2: self.init(.refused, "the other side says: it does not wait for a device to come in")
    default: self.init(.refused, "the other side says: no (\(number))")
    }
  }
}
