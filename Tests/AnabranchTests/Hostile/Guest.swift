import AnabranchCore
import AnabranchNoise
import AnabranchTransport
import AnabranchWire
import Testing

@testable import Anabranch

/// Somebody who connects to a replica that serves, over a real socket, and says what it likes. One task at a time uses its
/// stream; its plain bytes may be sent from another one.
final class Guest: @unchecked Sendable {
  private let connection: Connection
  private var channel: SecureChannel?
  private var decoder = FrameDecoder()

  /// Connects, and says nothing.
  init(to address: String) async throws {
    connection = try await Dialer.connect(to: Endpoint(parsing: address))
  }

  /// What a device proves itself with, whose private key is made of that byte.
  static func keys(_ byte: UInt8) throws -> (keys: ChannelKeys, device: Digest) {
    let key = try DeviceKey(seed: #require(Digest([UInt8](repeating: byte, count: 32))))
    return (try key.channelKeys(), key.publicKey)
  }

  static func ephemeral(_ byte: UInt8 = 7) throws -> NoiseKeyPair {
    try #require(NoiseKeyPair(secret: [UInt8](repeating: byte, count: 32)))
  }

  // MARK: Bytes

  func send(_ bytes: [UInt8]) {
    connection.send(bytes)
  }

  /// Whether it is heard no more, without waiting for what is on its way.
  func finish() async {
    await connection.close()
  }

  /// The next bytes; nil once the other side has ended.
  func receive() async throws -> [UInt8]? {
    try await connection.receive()
  }

  /// Everything that is still said until the other side ends.
  func rest() async -> [UInt8] {
    var all: [UInt8] = []
    while let bytes = try? await connection.receive() { all += bytes }
    return all
  }

  // MARK: The encrypted stream

  /// Shakes hands as the device of `byte`; returns whether the other side went on with it as far as the handshake shows.
  func shake(as byte: UInt8, in space: Bytes16) async throws {
    let channel = SecureChannel(
      dialling: .meeting(space: space), try Self.keys(byte).keys, ephemeral: try Self.ephemeral()
    ) { _ in true }
    self.channel = channel
    send(try #require(try self.channel?.start()).reply)
    while self.channel?.isOpen == false {
      let bytes = try #require(try await connection.receive(), "the other side ended in the handshake")
      send(try #require(try self.channel?.receive(bytes)).reply)
    }
  }

  /// Shakes hands as the device of `byte` to come in by `secret`, and returns its last message, which it does not send.
  func begin(as byte: UInt8, by secret: [UInt8]) async throws -> [UInt8] {
    channel = SecureChannel(
      dialling: .pairing(secret: secret), try Self.keys(byte).keys, ephemeral: try Self.ephemeral()
    ) { _ in true }
    send(try #require(try channel?.start()).reply)
    while true {
      let bytes = try #require(try await connection.receive(), "the other side ended in the handshake")
      let reply = try #require(try channel?.receive(bytes)).reply
      if !reply.isEmpty { return reply }
    }
  }

  func seal(_ bytes: [UInt8]) throws -> [UInt8] {
    try #require(try channel?.seal(bytes))
  }

  func say(_ frames: Frame...) throws {
    for frame in frames { send(try seal(frame.canonicalBytes)) }
  }

  /// A greeting as the device of `byte`, and what it holds.
  func greet(as byte: UInt8, in space: Bytes16, holding have: [HeldLog] = [], credit: UInt32 = 4 << 20) throws {
    let hello = Hello(
      device: try Self.keys(byte).device, log: LogID(Bytes16(high: 1, low: UInt64(byte))), name: "guest",
      semanticsLevel: 1, credit: credit, space: space)
    try say(.hello(hello), .have(have))
  }

  /// The next frame; nil once the other side has ended.
  func hear() async throws -> Frame? {
    while true {
      if let frame = try decoder.next() { return frame }
      guard let bytes = try await connection.receive() else { return nil }
      decoder.append(try #require(try channel?.receive(bytes)).opened)
    }
  }

  /// Why the other side says that it ends the session; nil where it ends without a word.
  func farewell() async throws -> Closing? {
    while let frame = try await hear() {
      if case .close(let closing) = frame { return closing }
    }
    return nil
  }
}
