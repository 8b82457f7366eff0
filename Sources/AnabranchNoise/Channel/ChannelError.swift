public import AnabranchCore

/// Why there is no encrypted stream, or none any more. Whoever gets one closes the connection, without a word: a stranger is
/// not to learn what it did wrong.
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
    /// Its last message of a handshake to pair does not verify: it does not know the secret, or that was altered on the way.
    case wrongSecret
    /// So much was said that no key is left for more.
    case exhausted
  }

  /// What kind of thing it was.
  public let code: Code
  /// One sentence: what was expected, and what came.
  public let description: String
  /// The device that is a stranger; nil for anything else.
  public let device: Digest?

  init(_ code: Code, _ description: String, device: Digest? = nil) {
    self.code = code
    self.description = description
    self.device = device
  }

  init(_ error: NoiseError) {
    self.init(error.code == .exhausted ? .exhausted : .unauthentic, error.description)
  }
}
