/// Which keys each message of a handshake brings, and with which it is mixed (the Noise Protocol Framework, revision 34,
/// chapters 7 and 9), all with Curve25519, ChaCha20-Poly1305 and SHA-256.
public enum NoisePattern: Hashable, Sendable, CaseIterable {
  /// Neither knows the other's static key: each tells it, under encryption.
  case xx
  /// The same between two who share a secret of 32 bytes, without which the payload of the last message cannot be read, nor
  /// anything after it.
  case xxpsk3
  /// The initiator knows the responder's static key, and tells its own in the first message.
  case ik

  /// What a message brings, or is mixed with.
  enum Token: Hashable {
    /// An ephemeral key, and a static one.
    case e, s
    /// What two keys share, the initiator's first.
    case ee, es, se, ss
    /// The secret that both know.
    case psk
  }

  /// The name that all of a handshake is bound to.
  var protocolName: String {
    let pattern =
      switch self {
      case .xx: "XX"
      case .xxpsk3: "XXpsk3"
      case .ik: "IK"
      }
    return "Noise_\(pattern)_25519_ChaChaPoly_SHA256"
  }

  /// The messages in turn, the initiator's first.
  var messages: [[Token]] {
    switch self {
    case .xx: [[.e], [.e, .ee, .s, .es], [.s, .se]]
    case .xxpsk3: [[.e], [.e, .ee, .s, .es], [.s, .se, .psk]]
    case .ik: [[.e, .es, .s, .ss], [.e, .ee, .se]]
    }
  }

  /// Whether the initiator has to know the responder's static key.
  public var knowsResponder: Bool { self == .ik }

  /// Whether both have to know a secret.
  public var needsSecret: Bool { self == .xxpsk3 }
}
