internal import Anabranch
internal import AnabranchCore
internal import AnabranchNoise
internal import AnabranchWire
internal import Crypto
internal import SeededRandom

/// Somebody who connects and is no honest replica: speaks another protocol, talks nonsense, promises what does not
/// come, floods, or says what it hears. Those who are understood at all shake hands first, with a device key of their own.
final class Stranger: LinkPort, @unchecked Sendable {
  /// Where it connects.
  let host: Int
  let life: Int
  /// The link's number in the replica.
  var link: Int?
  /// Whether the replica has ended the session.
  private(set) var isRefused = false
  private var random: RandomStream
  private var heard: [UInt8] = []
  private var channel: SecureChannel?
  /// The device that it proves to be.
  private(set) var device = Digest.zero
  /// The device that it says it is.
  private var claimed = Digest.zero
  private let space: Bytes16
  /// Whether that was let into the space.
  let isPaired: Bool
  /// What it says to what it was told in the handshake.
  private var answers: [UInt8] = []
  private var hasBegun = false

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
    fileprivate var provesItsKey: Bool {
      switch self {
      case .noise, .anotherProtocol, .halfHandshake, .badCertificate: false
      default: true
      }
    }
  }

  let manner: Manner

  /// Whether it must be refused, for what it says it is.
  var isFalse: Bool { manner.isFalse || manner.provesItsKey && !isPaired }

  init(at host: Int, life: Int, space: Bytes16?, _ random: RandomStream) {
    var random = random
    self.host = host
    self.life = life
    isPaired = random.chance(3, in: 4)
    self.space = space ?? random.bytes16()
    self.random = random
    manner = self.random.pick(Manner.allCases) ?? .noise
    guard manner != .noise, manner != .anotherProtocol,
      let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: self.random.bytes(32)),
      let device = Digest(Array(key.publicKey.rawRepresentation)),
      let own = NoiseKeyPair(secret: self.random.bytes(32)),
      let ephemeral = NoiseKeyPair(secret: self.random.bytes(32)),
      let keys = try? ChannelKeys(
        device: device, keyPair: own,
        sign: { [manner] in Array(try key.signature(for: manner == .badCertificate ? $0 + [0] : $0)) })
    else { return }
    self.device = device
    claimed = manner == .impostor ? self.random.digest() : device
    channel = SecureChannel(dialling: .meeting(space: self.space), keys, ephemeral: ephemeral) { _ in true }
  }

  let peer = "a stranger"

  func send(_ bytes: [UInt8]) {
    guard let received = try? channel?.receive(bytes) else { return }
    if manner != .halfHandshake { answers += received.reply }
    if heard.count < 100_000 { heard += received.opened }
  }

  /// What it says next of the handshake; nothing once that is over.
  func shake() -> [UInt8] {
    defer { (answers, hasBegun) = ([], true) }
    return hasBegun ? answers : (try? channel?.start().reply) ?? []
  }

  func close() { isRefused = true }

  func abort() { isRefused = true }

  /// All that it ever says after the handshake; what it was told first is known by then.
  func words() -> [UInt8] {
    let words = plainWords()
    guard channel?.isOpen == true, manner != .brokenRecords else { return words }
    return (try? channel?.seal(words)) ?? []
  }

  private func plainWords() -> [UInt8] {
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
    case .echo: return heard
    case .credit:
      return greeting([]) + (0..<3).flatMap { _ in Frame.credit(UInt32.max - 10).canonicalBytes }
    }
  }

  private func greeting(_ have: [HeldLog]) -> [UInt8] {
    let hello = Hello(
      device: claimed, log: LogID(random.bytes16()), name: random.words(1...3),
      semanticsLevel: SemanticsLevel.current, credit: 1 << 24, space: space)
    return Frame.hello(hello).canonicalBytes + Frame.have(have).canonicalBytes
  }

  private func boasts() -> [HeldLog] {
    (0..<random.number(in: 1...40)).map { _ in
      HeldLog(
        log: LogID(random.bytes16()), sequence: random.pick([1, 1_000_000_000, UInt32.max]) ?? 1, hash: random.bytes16()
      )
    }.sorted { $0.log < $1.log }
  }

  /// A log that is founded well, and changes of it that are none.
  private func forgeries() -> [UInt8] {
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
