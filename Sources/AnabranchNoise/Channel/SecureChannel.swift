public import AnabranchCore

/// The encrypted stream over one connection, from its first byte on: it shakes hands, then seals what goes out and opens what
/// comes in.
///
/// A value without input or output. Nothing that is sealed leaves before the other side has proved who it is, and who dials
/// tells who it is only after that. After an error it does nothing any more. `docs/protocol.md` has the bytes.
public struct SecureChannel: Sendable {
  /// What a connection is for.
  public enum Purpose: Hashable, Sendable {
    /// Two devices of one space exchange what they hold.
    case meeting(space: Bytes16)
    /// A device comes in: both know this secret of 32 random bytes. It has to be one that nobody can guess: who answers without
    /// knowing it can try, at leisure, whether a guess is right.
    case pairing(secret: [UInt8])
  }

  /// The other side, which has proved to be it.
  public struct Peer: Hashable, Sendable {
    /// The device, by its public key.
    public let device: Digest
    /// What tells this connection from every other one: both sides have the same.
    public let handshakeHash: [UInt8]
  }

  /// What came of some bytes.
  public struct Received: Hashable, Sendable {
    /// What is to be sent at once.
    public var reply: [UInt8] = []
    /// What the other side says.
    public var opened: [UInt8] = []
  }

  private enum State {
    /// The other side is to speak first, and what for is not known yet.
    case answering
    case shaking(NoiseHandshake)
    case open(Stream)
    case failed(ChannelError)
  }

  /// The stream, once the handshake is over.
  private struct Stream {
    var session: NoiseSession
    let peer: Peer
    /// Whether the other side has proved all that it is to prove.
    var isProved: Bool
  }

  /// Bytes of a message of a handshake at most: ours have fewer than 200, and a stranger is to make nobody keep more.
  public static let handshakeBytesMax = 512
  private static let lengthBytes = 2

  private let keys: ChannelKeys
  private let ephemeral: NoiseKeyPair
  /// What the other side may dial for.
  private let purposes: [Purpose]
  private let accepts: @Sendable (Digest) -> Bool
  private let dialled: Purpose?
  /// What the connection is for, once that is known.
  public private(set) var purpose: Purpose?
  private var state = State.answering
  private var pending: [UInt8] = []

  /// The other side, once it has proved to be it: for who dials to pair only when the first record came, since the handshake
  /// itself does not show that who answers knows the secret.
  public var peer: Peer? {
    guard case .open(let stream) = state, stream.isProved else { return nil }
    return stream.peer
  }

  /// A connection that this side dials for `purpose`. It says who it is to nobody whom `accepts` does not name.
  ///
  /// `ephemeral` is drawn anew for each connection.
  public init(
    dialling purpose: Purpose, _ keys: ChannelKeys, ephemeral: NoiseKeyPair,
    accepts: @escaping @Sendable (Digest) -> Bool
  ) {
    self.init(keys, ephemeral: ephemeral, purposes: [purpose], dialled: purpose, accepts: accepts)
  }

  /// A connection that the other side dials, for one of `purposes`. Whom it talks to it says in ``peer``.
  public init(answering purposes: [Purpose], _ keys: ChannelKeys, ephemeral: NoiseKeyPair) {
    self.init(keys, ephemeral: ephemeral, purposes: purposes, dialled: nil) { _ in true }
  }

  private init(
    _ keys: ChannelKeys, ephemeral: NoiseKeyPair, purposes: [Purpose], dialled: Purpose?,
    accepts: @escaping @Sendable (Digest) -> Bool
  ) {
    self.keys = keys
    self.ephemeral = ephemeral
    self.purposes = purposes
    self.accepts = accepts
    self.dialled = dialled
    self.purpose = dialled
  }

  /// Whether what is sealed can be sent.
  public var isOpen: Bool {
    if case .open = state { return true }
    return false
  }

  /// Whether the beginning of a record has come, and its end has not.
  public var isMidRecord: Bool {
    if case .open(let stream) = state { return stream.session.isMidRecord }
    return false
  }

  /// The first bytes of this side: none where the other one dialled. Done once, first.
  public mutating func start() throws(ChannelError) -> Received {
    try step { channel throws(ChannelError) in
      guard let dialled = channel.dialled else { return Received() }
      var handshake = try channel.handshake(for: dialled, as: .initiator)
      let message = try Self.framed([], &handshake)
      channel.state = .shaking(handshake)
      return Received(reply: ChannelOpening(dialled.opening).bytes + message)
    }
  }

  /// Takes bytes as they come, in whatever pieces.
  ///
  /// Throws where there will be no stream, or none any more.
  public mutating func receive(_ bytes: [UInt8]) throws(ChannelError) -> Received {
    try step { channel throws(ChannelError) in
      channel.pending += bytes
      var received = Received()
      while try channel.shake(&received.reply) {}
      received.opened = try channel.open()
      return received
    }
  }

  /// Encrypts `bytes`; the stream must be open. Throws ``ChannelError/Code/exhausted`` where no key is left.
  public mutating func seal(_ bytes: [UInt8]) throws(ChannelError) -> [UInt8] {
    guard case .open(var stream) = state else { preconditionFailure("nothing is sealed before the stream is open") }
    return try step { channel throws(ChannelError) in
      // Taken out, so that it is changed in place.
      channel.state = .answering
      do throws(NoiseError) {
        let sealed = try stream.session.seal(bytes)
        channel.state = .open(stream)
        return sealed
      } catch {
        throw ChannelError(error)
      }
    }
  }

  // MARK: Steps

  /// Does `body`; after an error nothing is done any more.
  private mutating func step<Result>(
    _ body: (inout SecureChannel) throws(ChannelError) -> Result
  ) throws(ChannelError) -> Result {
    if case .failed(let error) = state { throw error }
    do throws(ChannelError) {
      return try body(&self)
    } catch {
      state = .failed(error)
      pending = []
      throw error
    }
  }

  /// Takes the handshake on by what is pending; false where that takes more bytes, or it is over.
  private mutating func shake(_ reply: inout [UInt8]) throws(ChannelError) -> Bool {
    switch state {
    case .answering:
      guard dialled == nil, let opening = try ChannelOpening(pending) else { return false }
      pending.removeFirst(ChannelOpening.byteCount)
      guard let purpose = purposes.first(where: { $0.opening == opening.purpose }) else {
        throw ChannelError(.refused, "expected another purpose than \(opening.purpose)")
      }
      self.purpose = purpose
      state = .shaking(try handshake(for: purpose, as: .responder))
      return true
    case .shaking(var handshake):
      guard let message = try nextMessage() else { return false }
      reply += try take(message, &handshake)
      return true
    case .open, .failed:
      return false
    }
  }

  /// What the records say that are whole by now.
  private mutating func open() throws(ChannelError) -> [UInt8] {
    guard !pending.isEmpty, case .open(var stream) = state else { return [] }
    // Taken out, so that it is changed in place.
    state = .answering
    let bytes = pending
    pending = []
    do throws(NoiseError) {
      let opened = try stream.session.open(bytes)
      if !opened.isEmpty { stream.isProved = true }
      state = .open(stream)
      return opened
    } catch {
      throw ChannelError(error)
    }
  }

  /// The next message of the handshake, once it is whole.
  private mutating func nextMessage() throws(ChannelError) -> [UInt8]? {
    guard pending.count >= Self.lengthBytes else { return nil }
    let count = Int(pending[0]) << 8 | Int(pending[1])
    guard 1...Self.handshakeBytesMax ~= count else {
      throw ChannelError(.foreign, "it says something else than a handshake")
    }
    guard pending.count >= Self.lengthBytes + count else { return nil }
    defer { pending.removeFirst(Self.lengthBytes + count) }
    return Array(pending[Self.lengthBytes..<Self.lengthBytes + count])
  }

  /// Takes a message of the handshake, and returns what is said to it.
  private mutating func take(_ message: [UInt8], _ handshake: inout NoiseHandshake) throws(ChannelError) -> [UInt8] {
    var device: Digest?
    let payload: [UInt8]
    let isProof = if case .pairing? = purpose { dialled == nil && handshake.isBeforeLast } else { false }
    do throws(NoiseError) {
      payload = try handshake.read(message)
    } catch  where isProof && error.code == .unauthentic {
      throw ChannelError(.wrongSecret, "it has another code, or its words were altered on the way")
    } catch  where error.code == .unauthentic {
      throw ChannelError(.unauthentic, "it has another history or another code, or its words were altered on the way")
    } catch {
      throw ChannelError(error)
    }
    guard handshake.remoteStatic != nil || payload.isEmpty else {
      throw ChannelError(.unauthentic, "expected nothing before keys are agreed on, got \(payload.count) bytes")
    }
    if let key = handshake.remoteStatic {
      let told = try ChannelKeys.device(in: payload, owning: key)
      guard accepts(told) else {
        throw ChannelError(.stranger, "what answers is the device \(told), which is not known here", device: told)
      }
      device = told
    }
    // Each side says who it is with its static key: who answers in its first message, who dialled in its second.
    let reply = handshake.isToSpeak ? try Self.framed(keys.certificate, &handshake) : []
    if let session = handshake.session, let device {
      let peer = Peer(device: device, handshakeHash: session.handshakeHash)
      let isPairing = if case .pairing? = dialled { true } else { false }
      state = .open(Stream(session: session, peer: peer, isProved: !isPairing))
    } else {
      state = .shaking(handshake)
    }
    return reply
  }

  /// The next message of a handshake, which brings `payload` along, behind its length.
  private static func framed(
    _ payload: [UInt8], _ handshake: inout NoiseHandshake
  ) throws(ChannelError) -> [UInt8] {
    do throws(NoiseError) {
      let message = try handshake.write(payload)
      return [UInt8(message.count >> 8), UInt8(message.count & 0xff)] + message
    } catch {
      throw ChannelError(error)
    }
  }

  private func handshake(for purpose: Purpose, as role: NoiseHandshake.Role) throws(ChannelError) -> NoiseHandshake {
    let (pattern, space, secret): (NoisePattern, [UInt8], [UInt8]?) =
      switch purpose {
      case .meeting(let space): (.xx, space.bytes, nil)
      case .pairing(let secret): (.xxpsk3, [], secret)
      }
    do {
      return try NoiseHandshake(
        pattern, as: role, prologue: ChannelOpening(purpose.opening).bytes + space, static: keys.keyPair,
        ephemeral: ephemeral, secret: secret)
    } catch {
      throw ChannelError(error)
    }
  }
}

extension SecureChannel.Purpose {
  /// What a connection for it begins with.
  fileprivate var opening: ChannelOpening.Purpose {
    switch self {
    case .meeting: .meeting
    case .pairing: .pairing
    }
  }
}
