internal import AnabranchCore
internal import AnabranchNoise
internal import Crypto

/// The input's first byte says what the connection is for and whether both sides mean the same by it; the rest is a script of what
/// somebody in between does with it: deliver, in pieces or twice, alter, drop, invent. With the highest bit of the first byte the
/// rest is what a stranger says, to a side that answers and to one that dialled.
///
/// Promised: what is heard is always the beginning of what was said, and was said by the device that proved itself; both sides
/// that are open have the same handshake behind them; after an error a side says and hears nothing more; whom nobody altered
/// anything for hears everything; and a stranger is told nothing, and not believed.
enum HandshakeTarget {
  static func check(_ input: UnsafeRawBufferPointer) throws {
    var input = FuzzInput(input)
    let setting = HandshakeSetting(rawValue: input.byte())
    if setting.contains(.stranger) { return try checkStranger(input.rest(), setting) }
    var line = try HandshakeLine(setting)
    for _ in 0..<stepsMax where !input.isEmpty { try line.step(&input) }
    try line.settle()
  }

  /// Steps of one script: enough for a handshake that is cut into pieces, and few enough for a quick one.
  private static let stepsMax = 64

  private static func checkStranger(_ bytes: [UInt8], _ setting: HandshakeSetting) throws {
    var sides = [try HandshakeSide.dialler(setting), try HandshakeSide.answerer(setting)]
    for index in sides.indices {
      _ = try sides[index].start()
      guard let received = try? sides[index].receive(bytes) else { continue }
      try BrokenPromise.unless(received.opened.isEmpty, "nothing is heard from a stranger")
      try BrokenPromise.unless(sides[index].peer == nil && !sides[index].isOpen, "a stranger proves nothing")
    }
  }

  static var seeds: [FuzzTarget.Seed] {
    var seeds: [FuzzTarget.Seed] = []
    let settings: [(String, HandshakeSetting)] = [
      ("meeting", []), ("pairing", .pairing), ("other-space", .differs), ("other-code", [.pairing, .differs]),
      ("not-met", .refuses),
    ]
    for (name, setting) in settings {
      var script = FuzzScript()
      script.add(setting.rawValue)
      for _ in 0..<2 { script.add(0, 1) }
      script.add(6, 40, 7, 50, 0, 1, 6, 3, 0)
      seeds.append(FuzzTarget.Seed(name, script.bytes))
    }
    var altered = FuzzScript()
    altered.add(0, 0, 4 + 1)
    altered.add(number: 70)
    altered.add(1, 0)
    seeds.append(FuzzTarget.Seed("altered", altered.bytes))
    var pieces = FuzzScript()
    pieces.add(0, 2, 9, 2, 30, 2, 255, 3, 100, 3, 255, 2, 255, 6, 200, 2, 100, 12, 2, 255)
    seeds.append(FuzzTarget.Seed("pieces", pieces.bytes))
    let opening: [UInt8] = [0x41, 0x4e, 0x42, 0x52, 1, 1, 0, 32]
    for (name, key) in [("key", UInt8(9)), ("low-order", 0)] {
      seeds.append(
        FuzzTarget.Seed(
          "stranger-\(name)",
          [HandshakeSetting.stranger.rawValue] + opening + [key] + [UInt8](repeating: 0, count: 31)))
    }
    return seeds
  }
}

/// How the two sides of a connection stand to each other.
struct HandshakeSetting: OptionSet {
  let rawValue: UInt8

  /// The connection is to let a device in; else it is to meet.
  static let pairing = Self(rawValue: 1)
  /// The two sides have another space, or another code.
  static let differs = Self(rawValue: 2)
  /// Who dials meets nobody.
  static let refuses = Self(rawValue: 4)
  /// There is no other side, but somebody who has no keys.
  static let stranger = Self(rawValue: 128)
}

/// The two ends of a connection, with keys that are always the same.
enum HandshakeSide {
  static func dialler(_ setting: HandshakeSetting) throws -> SecureChannel {
    let isMet = !setting.contains(.refuses)
    return SecureChannel(dialling: purpose(setting, 1), try keys(1), ephemeral: try pair(3)) { _ in isMet }
  }

  static func answerer(_ setting: HandshakeSetting) throws -> SecureChannel {
    let number: UInt8 = setting.contains(.differs) ? 2 : 1
    return SecureChannel(answering: [purpose(setting, number)], try keys(2), ephemeral: try pair(4))
  }

  /// The device of that number.
  static func device(_ number: UInt8) throws -> AnabranchCore.Digest {
    try keys(number).device
  }

  private static func purpose(_ setting: HandshakeSetting, _ number: UInt8) -> SecureChannel.Purpose {
    setting.contains(.pairing)
      ? .pairing(secret: [UInt8](repeating: number, count: 32))
      : .meeting(space: Bytes16(high: UInt64(number), low: 0))
  }

  private static let certified = Result { try [1, 2].map { try certify($0) } }

  private static func keys(_ number: UInt8) throws -> ChannelKeys {
    try certified.get()[Int(number) - 1]
  }

  private static func certify(_ number: UInt8) throws -> ChannelKeys {
    let signing = try Curve25519.Signing.PrivateKey(rawRepresentation: [UInt8](repeating: number + 60, count: 32))
    guard let device = AnabranchCore.Digest(Array(signing.publicKey.rawRepresentation)) else { throw KeyMissing() }
    return try ChannelKeys(device: device, keyPair: pair(number)) { Array(try signing.signature(for: $0)) }
  }

  private static func pair(_ number: UInt8) throws -> NoiseKeyPair {
    guard let pair = NoiseKeyPair(secret: [UInt8](repeating: number * 17, count: 32)) else { throw KeyMissing() }
    return pair
  }

  private struct KeyMissing: Error {}
}
