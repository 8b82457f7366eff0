import AnabranchCore
import Crypto
import Testing

@testable import AnabranchNoise

/// The encrypted stream against what another implementation made from the document.
@Suite struct StreamVectorTests {
  private struct Vector {
    var handshake: [[UInt8]] = []
    var hash = ""
    var records: [[UInt8]] = []
  }

  private static let vectors: [String: Vector] = {
    var vectors: [String: Vector] = [:]
    var name = ""
    for line in StreamVectors.text.split(separator: "\n") {
      let parts = line.split(separator: " ").map(String.init)
      switch parts[0] {
      case "stream": name = parts[1]
      case "handshake": vectors[name, default: Vector()].handshake.append(parts[1].unhexed)
      case "hash": vectors[name, default: Vector()].hash = parts[1]
      default: vectors[name, default: Vector()].records.append(parts[1].unhexed)
      }
    }
    return vectors
  }()

  /// On platforms that sign otherwise each time, the certificates are still valid, and differ from those of the vectors.
  private func keys(device: UInt8, key: UInt8) throws -> ChannelKeys {
    let signing = try Curve25519.Signing.PrivateKey(rawRepresentation: [UInt8](repeating: device, count: 32))
    return try ChannelKeys(
      device: AnabranchCore.Digest(Array(signing.publicKey.rawRepresentation)) ?? .zero,
      keyPair: NoisePair.pair(of: key)
    ) { Array(try signing.signature(for: $0)) }
  }

  @Test(arguments: ["meeting", "pairing"]) func saysWhatTheDocumentSays(name: String) throws {
    let vector = try #require(Self.vectors[name])
    let purpose: SecureChannel.Purpose =
      name == "meeting"
      ? .meeting(space: try #require(Bytes16(Array(0..<16)))) : .pairing(secret: .init(repeating: 0x55, count: 32))
    var one = SecureChannel(
      dialling: purpose, try keys(device: 0x61, key: 0x11), ephemeral: try NoisePair.pair(of: 0x22)
    ) { _ in true }
    var other = SecureChannel(
      answering: [purpose], try keys(device: 0x62, key: 0x33), ephemeral: try NoisePair.pair(of: 0x44))
    #expect(vector.handshake.count == 3 && vector.records.count == 3)
    #expect(try one.start().reply == vector.handshake[0])
    #expect(try other.receive(vector.handshake[0]).reply == vector.handshake[1])
    #expect(try one.receive(vector.handshake[1]).reply == vector.handshake[2])
    #expect(try other.receive(vector.handshake[2]).reply.isEmpty)
    #expect(other.peer?.handshakeHash.hex == vector.hash)
    #expect(try one.seal(Array("message 0".utf8)) == vector.records[0])
    #expect(try other.receive(vector.records[0]).opened == Array("message 0".utf8))
    #expect(try other.seal(Array("message 1".utf8)) == vector.records[1])
    #expect(try one.receive(vector.records[1]).opened == Array("message 1".utf8))
    // A record is never empty here, but what the others say has no part in the key that follows.
    for _ in 1..<NoiseSession.recordsPerKey { _ = try other.receive(one.seal([0])) }
    #expect(try one.seal(Array("message 65536".utf8)) == vector.records[2])
    #expect(try other.receive(vector.records[2]).opened == Array("message 65536".utf8))
  }
}
