internal import AnabranchCore
internal import AnabranchNoise
internal import ArgumentParser
internal import Crypto

/// What the encrypted stream under a session costs: shaking hands, and sealing and opening what passes.
struct HandshakeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "handshake", abstract: "Shakes hands between two devices, and seals and opens bytes; all in memory.")

  @Option(help: "How many handshakes.")
  var rounds = 501

  @Option(help: "Mebibytes that are sealed and opened afterwards.")
  var size = 64

  func run() throws {
    let report = Report(bench: "handshake", configuration: "xx")
    var laps: [Lap] = []
    var last: (SecureChannel, SecureChannel)?
    for _ in 0..<rounds {
      let stopwatch = Stopwatch()
      var one = SecureChannel(dialling: .meeting(space: Self.space), try Self.keys(), ephemeral: try Self.pair()) { _ in
        true
      }
      var other = SecureChannel(answering: [.meeting(space: Self.space)], try Self.keys(), ephemeral: try Self.pair())
      let answer = try other.receive(one.start().reply).reply
      _ = try other.receive(one.receive(answer).reply)
      laps.append(stopwatch.lap() / 2)
      last = (one, other)
    }
    try report.median("handshake_a_side", laps)
    guard var (one, other) = last, one.isOpen, other.isOpen else { throw ExitCode.failure }
    let piece = [UInt8](repeating: 7, count: 1 << 18)
    let stopwatch = Stopwatch()
    var opened = 0
    for _ in 0..<size * 4 { opened += try other.receive(one.seal(piece)).opened.count }
    try report.value("stream_bytes", "B", opened)
    try report.time("stream_seal_and_open", stopwatch.lap())
  }

  private static let space = Bytes16(high: 1, low: 2)

  /// Keys of a new device, made as a session makes them.
  private static func keys() throws -> ChannelKeys {
    let signing = Curve25519.Signing.PrivateKey()
    guard let device = AnabranchCore.Digest(Array(signing.publicKey.rawRepresentation)) else { throw ExitCode.failure }
    return try ChannelKeys(device: device, keyPair: try pair()) { Array(try signing.signature(for: $0)) }
  }

  private static func pair() throws -> NoiseKeyPair {
    var generator = SystemRandomNumberGenerator()
    let secret = (0..<NoisePublicKey.byteCount).map { _ in UInt8.random(in: 0...255, using: &generator) }
    guard let pair = NoiseKeyPair(secret: secret) else { throw ExitCode.failure }
    return pair
  }
}
