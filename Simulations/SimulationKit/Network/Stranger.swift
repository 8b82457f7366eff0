internal import Anabranch
internal import AnabranchCore
internal import AnabranchWire
internal import SeededRandom

/// Somebody who connects and is no honest replica: speaks another protocol, talks nonsense, promises what does not
/// come, floods, or says what it hears.
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

  /// How it behaves.
  enum Manner: CaseIterable {
    case noise, anotherProtocol, noiseAfterGreeting, promises, flood, forgery, hugeFrame, echo, credit
  }

  let manner: Manner

  init(at host: Int, life: Int, _ random: RandomStream) {
    self.host = host
    self.life = life
    self.random = random
    manner = self.random.pick(Manner.allCases) ?? .noise
  }

  let peer = "a stranger"

  func send(_ bytes: [UInt8]) {
    if heard.count < 100_000 { heard += bytes }
  }

  func close() { isRefused = true }

  func abort() { isRefused = true }

  /// All that it ever says; what it was told first is known by then.
  func words() -> [UInt8] {
    switch manner {
    case .noise: return random.bytes(random.number(in: 1...4_000))
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
      device: random.digest(), log: LogID(random.bytes16()), name: random.words(1...3),
      semanticsLevel: SemanticsLevel.current, credit: 1 << 24)
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
    let batch = ChangeBatch(runs: [ChangeBatch.Run(first: first, changes: changes)])
    return Frame.logs([header]).canonicalBytes + Frame.changes(batch).canonicalBytes
  }
}
