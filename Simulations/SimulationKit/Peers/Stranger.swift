internal import AnabranchCore
internal import AnabranchNoise
internal import AnabranchWire
internal import SeededRandom

internal import enum Crypto.Curve25519

/// Somebody who connects and is no honest replica: speaks another protocol, talks nonsense, promises what does not
/// come, floods, or says what it hears. Those who are understood at all shake hands first, with a device key of their own.
struct Stranger {
  /// How it behaves.
  enum Manner: CaseIterable {
    /// Who never shakes hands, or not to the end.
    case noise, anotherProtocol, halfHandshake, badCertificate
    /// Who does, and then does not keep to what was proved or agreed on.
    case impostor, brokenRecords
    case noiseAfterGreeting, promises, flood, forgery, hugeFrame, echo, credit

    /// Whether it claims to be a device that it is not.
    fileprivate var isFalse: Bool { self == .badCertificate || self == .impostor || self == .echo }
    /// Whether it shakes hands to the end.
    var provesItsKey: Bool {
      switch self {
      case .noise, .anotherProtocol, .halfHandshake, .badCertificate: false
      default: true
      }
    }
  }

  let manner: Manner
  let line: Caller
  /// Whether the device that it proves to be was let into the space.
  let isPaired: Bool
  /// The device that it proves to be.
  let device: Digest
  /// The device that it says it is.
  private let claimed: Digest
  private let space: Bytes16
  private var random: RandomStream

  /// Whether it must be refused, for what it says it is.
  var isFalse: Bool { manner.isFalse || manner.provesItsKey && !isPaired }
  /// Whether it has proved to be a device that may be spoken to.
  var isKnown: Bool { isPaired && manner.provesItsKey }

  init(to host: Int, life: Int, space: Bytes16?, _ random: RandomStream) {
    var random = random
    isPaired = random.chance(3, in: 4)
    self.space = space ?? random.bytes16()
    let manner = random.pick(Manner.allCases) ?? .noise
    self.manner = manner
    var keys: ChannelKeys?
    if manner != .noise, manner != .anotherProtocol,
      let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: random.bytes(32)),
      let device = Digest(Array(key.publicKey.rawRepresentation)), let own = NoiseKeyPair(secret: random.bytes(32))
    {
      keys = try? ChannelKeys(device: device, keyPair: own) {
        Array(try key.signature(for: manner == .badCertificate ? $0 + [0] : $0))
      }
    }
    line = Caller(
      to: host, life: life, in: self.space, as: keys, finishesHandshake: manner != .halfHandshake, &random)
    device = keys?.device ?? .zero
    claimed = manner == .impostor ? random.digest() : device
    self.random = random
  }

  /// All that it ever says after the handshake; what it was told first is known by then.
  mutating func words() -> [UInt8] {
    let words = plainWords()
    return manner == .brokenRecords ? words : line.seal(words)
  }

  private mutating func plainWords() -> [UInt8] {
    switch manner {
    case .noise, .halfHandshake, .brokenRecords: return random.bytes(random.number(in: 1...4_000))
    case .badCertificate, .impostor: return greeting([])
    case .anotherProtocol: return Array("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".utf8)
    case .noiseAfterGreeting: return greeting([]) + random.bytes(random.number(in: 1...4_000))
    case .promises: return greeting(boasts())
    case .flood:
      return greeting([]) + (0..<random.number(in: 100...3_000)).flatMap { Frame.ping(UInt64($0)).canonicalBytes }
    case .forgery: return greeting([]) + forgeries()
    case .hugeFrame: return greeting([]) + random.bytes(1).map { $0 & 0x0f } + [0xff, 0xff, 0xff, 0x7f]
    case .echo: return line.heard
    case .credit:
      return greeting([]) + (0..<3).flatMap { _ in Frame.credit(UInt32.max - 10).canonicalBytes }
    }
  }

  private mutating func greeting(_ have: [HeldLog]) -> [UInt8] {
    Caller.greeting(
      as: claimed, writing: LogID(random.bytes16()), called: random.words(1...3), in: space, holding: have)
  }

  private mutating func boasts() -> [HeldLog] {
    (0..<random.number(in: 1...40)).map { _ in
      HeldLog(
        log: LogID(random.bytes16()), sequence: random.pick([1, 1_000_000_000, UInt32.max]) ?? 1, hash: random.bytes16()
      )
    }.sorted { $0.log < $1.log }
  }

  /// A log that is founded well, and changes of it that are none.
  private mutating func forgeries() -> [UInt8] {
    let header = LogHeader.device(key: random.digest(), nonce: random.bytes16())
    let first = LogPosition(log: 0, sequence: random.pick([1, 7, 1_000_000_000, UInt32.max]) ?? 1)
    let changes = (0..<random.number(in: 1...5)).map { _ in random.bytes(random.number(in: 1...300)) }
    let last = LogPosition(log: 0, sequence: first.sequence &+ UInt32(changes.count) &- 1)
    let batch = ChangeBatch(
      runs: [ChangeBatch.Run(first: first, changes: changes)],
      signatures: [ChangeBatch.Signature(at: last, signature: random.bytes(64))])
    return Frame.logs([header]).canonicalBytes + Frame.changes(batch).canonicalBytes
  }
}
