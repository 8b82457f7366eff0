/// Why there is no encrypted stream, or none any more. Whoever gets one closes the connection.
public struct ChannelError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What kind of thing it was.
  public enum Code: Hashable, Sendable {
    /// The other side speaks something else, or nothing that can be read.
    case foreign
    /// It speaks another version.
    case version
    /// One side does not do what the other one wants.
    case refused
    /// It is not whom this side wants to talk to.
    case stranger
    /// What it says about itself is not true, or what came was altered on the way.
    case unauthentic
    /// So much was said that no key is left for more.
    case exhausted
  }

  /// Why whoever dialled is refused, as a number in the open.
  enum Refusal: UInt8 {
    case version = 1
    case purpose = 2
  }

  /// What kind of thing it was.
  public let code: Code
  /// One sentence: what was expected, and what came.
  public let description: String
  /// What the other side is told before the connection is closed, in the open; mostly nothing.
  ///
  /// Two zero bytes, which begin no message of a handshake, and a number. Anybody in between can write it, so it is a hint for
  /// a person and nothing else. Only who answers says it, and only to what it cannot answer.
  public private(set) var farewell: [UInt8] = []

  init(_ code: Code, _ description: String) {
    self.code = code
    self.description = description
  }

  init(_ error: NoiseError) {
    self.init(error.code == .exhausted ? .exhausted : .unauthentic, error.description)
  }

  /// Why this side refuses whoever dialled.
  init(refusing refusal: Refusal, _ description: String) {
    self.init(refusal == .version ? .version : .refused, description)
    farewell = [0, 0, refusal.rawValue]
  }

  /// What the other side's farewell says.
  init(farewell number: UInt8) {
    switch Refusal(rawValue: number) {
    case .version: self.init(.version, "it speaks another version of the encrypted stream")
    case .purpose: self.init(.refused, "it does not take connections for that")
    case nil: self.init(.refused, "it refuses, for a reason of a later version (\(number))")
    }
  }
}
