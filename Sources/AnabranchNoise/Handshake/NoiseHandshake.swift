/// A handshake between two who prove their static keys to each other and agree on keys for a session (the Noise Protocol
/// Framework, revision 34). A value: messages go in and come out, and keys, also the ephemeral one, are handed to it.
///
/// After an error it does nothing any more.
public struct NoiseHandshake: Sendable {
  /// Who speaks first.
  public enum Role: Hashable, Sendable {
    case initiator, responder
  }

  /// Bytes of a message, and of one of the session's: so that two bytes hold the length.
  public static let messageBytesMax = 65_535
  /// Bytes of a secret that both know.
  public static let secretBytes = 32

  private let pattern: NoisePattern
  private let role: Role
  private var state: SymmetricState
  private let ownStatic: NoiseKeyPair
  private let ownEphemeral: NoiseKeyPair
  private var remoteEphemeral: NoisePublicKey?
  private let secret: [UInt8]
  private var step = 0
  private var hasFailed = false

  /// The other side's static key, once it is known; proved only when ``session`` is there.
  public private(set) var remoteStatic: NoisePublicKey?
  /// The session, once the last message has been written or read.
  public private(set) var session: NoiseSession?

  /// A handshake that is bound to `prologue`, which both have to give alike.
  ///
  /// `ephemeral` is drawn anew for each handshake. `remoteStatic` is the responder's, and `secret` one of 32 bytes, where the
  /// pattern asks for them. Throws ``NoiseError/Code/order`` where what the pattern needs is not given, or more.
  public init(
    _ pattern: NoisePattern, as role: Role, prologue: [UInt8], static ownStatic: NoiseKeyPair, ephemeral: NoiseKeyPair,
    remoteStatic: NoisePublicKey? = nil, secret: [UInt8]? = nil
  ) throws(NoiseError) {
    guard (remoteStatic != nil) == (pattern.knowsResponder && role == .initiator) else {
      throw NoiseError(.order, "expected the responder's key from who begins with it, and from nobody else")
    }
    guard (secret != nil) == pattern.needsSecret, secret.map({ $0.count == Self.secretBytes }) ?? true else {
      throw NoiseError(.order, "expected a secret of \(Self.secretBytes) bytes where the pattern has one")
    }
    self.pattern = pattern
    self.role = role
    self.ownStatic = ownStatic
    self.remoteStatic = remoteStatic
    self.secret = secret ?? []
    ownEphemeral = ephemeral
    state = SymmetricState(protocolName: pattern.protocolName)
    state.mixHash(prologue)
    if pattern.knowsResponder { state.mixHash((remoteStatic ?? ownStatic.publicKey).bytes) }
  }

  /// Whether this side has to speak next; false once it is over.
  public var isToSpeak: Bool {
    step < pattern.messages.count && !hasFailed && (step.isMultiple(of: 2) == (role == .initiator))
  }

  /// Whether one message is left, whoever speaks it.
  public var isBeforeLast: Bool {
    step == pattern.messages.count - 1
  }

  /// The next message, which brings `payload` along: encrypted as far as keys are agreed on.
  ///
  /// Throws ``NoiseError/Code/order`` where it is not this side's turn, ``NoiseError/Code/length`` where the message would be
  /// too long.
  public mutating func write(_ payload: [UInt8] = []) throws(NoiseError) -> [UInt8] {
    guard isToSpeak else { throw NoiseError(.order, "it is not this side's turn to speak") }
    hasFailed = true
    var message: [UInt8] = []
    for token in pattern.messages[step] {
      switch token {
      case .e:
        message += ownEphemeral.publicKey.bytes
        take(ephemeral: ownEphemeral.publicKey)
      case .s: message += try state.encrypt(ownStatic.publicKey.bytes)
      default: try mix(token)
      }
    }
    message += try state.encrypt(payload)
    guard message.count <= Self.messageBytesMax else {
      throw NoiseError(.length, "expected a message of at most \(Self.messageBytesMax) bytes, got \(message.count)")
    }
    advance()
    return message
  }

  /// Takes the other side's message, and returns what it brings along.
  ///
  /// Throws ``NoiseError/Code/order`` where it is not their turn, and else what is wrong with it.
  public mutating func read(_ message: [UInt8]) throws(NoiseError) -> [UInt8] {
    guard !isToSpeak, !hasFailed, step < pattern.messages.count else {
      throw NoiseError(.order, "it is not the other side's turn to speak")
    }
    guard message.count <= Self.messageBytesMax else {
      throw NoiseError(.length, "expected a message of at most \(Self.messageBytesMax) bytes, got \(message.count)")
    }
    hasFailed = true
    var rest = message[...]
    for token in pattern.messages[step] {
      switch token {
      case .e:
        let key = try Self.key(rest.removeFirst(upTo: NoisePublicKey.byteCount))
        remoteEphemeral = key
        take(ephemeral: key)
      case .s:
        let count = NoisePublicKey.byteCount + (state.isKeyed ? CipherState.tagBytes : 0)
        remoteStatic = try Self.key(state.decrypt(rest.removeFirst(upTo: count))[...])
      default: try mix(token)
      }
    }
    let payload = try state.decrypt(Array(rest))
    advance()
    return payload
  }

  private mutating func take(ephemeral key: NoisePublicKey) {
    state.mixHash(key.bytes)
    // Where a secret is known, each ephemeral key makes the keys new (chapter 9.2).
    if pattern.needsSecret { state.mixKey(key.bytes) }
  }

  private mutating func mix(_ token: NoisePattern.Token) throws(NoiseError) {
    let isInitiator = role == .initiator
    switch token {
    case .ee: state.mixKey(try ownEphemeral.shared(with: theirs(remoteEphemeral)))
    case .ss: state.mixKey(try ownStatic.shared(with: theirs(remoteStatic)))
    case .es:
      state.mixKey(
        try isInitiator
          ? ownEphemeral.shared(with: theirs(remoteStatic)) : ownStatic.shared(with: theirs(remoteEphemeral)))
    case .se:
      state.mixKey(
        try isInitiator
          ? ownStatic.shared(with: theirs(remoteEphemeral)) : ownEphemeral.shared(with: theirs(remoteStatic)))
    case .psk: state.mixKeyAndHash(secret)
    case .e, .s: break
    }
  }

  private func theirs(_ key: NoisePublicKey?) throws(NoiseError) -> NoisePublicKey {
    guard let key else { throw NoiseError(.order, "a key is used before it came") }
    return key
  }

  private static func key(_ bytes: some Collection<UInt8>) throws(NoiseError) -> NoisePublicKey {
    guard let key = NoisePublicKey(bytes) else {
      throw NoiseError(.length, "expected a key of \(NoisePublicKey.byteCount) bytes, got \(bytes.count)")
    }
    return key
  }

  private mutating func advance() {
    hasFailed = false
    step += 1
    guard step == pattern.messages.count, let remoteStatic else { return }
    let (first, second) = state.split()
    session = NoiseSession(
      sending: role == .initiator ? first : second, receiving: role == .initiator ? second : first,
      handshakeHash: state.hash, remoteStatic: remoteStatic)
  }
}

extension ArraySlice<UInt8> {
  /// Takes so many bytes off the front, or as many as there are.
  fileprivate mutating func removeFirst(upTo count: Int) -> [UInt8] {
    defer { self = dropFirst(count) }
    return Array(prefix(count))
  }
}
