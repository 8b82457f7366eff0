import SeededRandom

@testable import AnabranchNoise

/// Two sides with the keys of `Tests/Interop/noise_peer.py`, or keys of a seed.
struct NoisePair {
  var initiator: NoiseHandshake
  var responder: NoiseHandshake

  static let prologue = Array("anabranch test".utf8)

  static func pair(of byte: UInt8) throws -> NoiseKeyPair {
    guard let pair = NoiseKeyPair(secret: [UInt8](repeating: byte, count: 32)) else { throw Missing() }
    return pair
  }

  static func pair(_ random: inout RandomStream) throws -> NoiseKeyPair {
    guard let pair = NoiseKeyPair(secret: random.bytes(32)) else { throw Missing() }
    return pair
  }

  /// The side with fixed keys.
  static func side(_ pattern: NoisePattern, _ role: NoiseHandshake.Role) throws -> NoiseHandshake {
    let isInitiator = role == .initiator
    return try NoiseHandshake(
      pattern, as: role, prologue: prologue, static: pair(of: isInitiator ? 0x11 : 0x33),
      ephemeral: pair(of: isInitiator ? 0x22 : 0x44),
      remoteStatic: pattern.knowsResponder && isInitiator ? pair(of: 0x33).publicKey : nil,
      secret: pattern.needsSecret ? [UInt8](repeating: 0x55, count: 32) : nil)
  }

  init(fixed pattern: NoisePattern) throws {
    initiator = try Self.side(pattern, .initiator)
    responder = try Self.side(pattern, .responder)
  }

  /// Takes both sides through the handshake, `alter` having each message in between.
  mutating func shake(_ alter: (Int, inout [UInt8]) -> Void = { _, _ in }) throws {
    var number = 0
    while initiator.session == nil || responder.session == nil {
      var message = try initiator.isToSpeak ? initiator.write() : responder.write()
      alter(number, &message)
      _ = try number.isMultiple(of: 2) ? responder.read(message) : initiator.read(message)
      number += 1
    }
  }

  struct Missing: Error {}
}

extension String {
  /// The bytes of hexadecimal digits.
  var unhexed: [UInt8] {
    let digits = Array(utf8).compactMap { Character(Unicode.Scalar($0)).hexDigitValue }
    return stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
  }
}

extension [UInt8] {
  var hex: String {
    map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}
