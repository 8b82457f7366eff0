internal import Anabranch
internal import AnabranchCore
internal import AnabranchNoise
internal import AnabranchWire
internal import SeededRandom

/// The line of somebody who calls a replica and is none: it shakes hands with a device key of its own, or does not, and keeps what it
/// is told.
final class Caller: LinkPort, @unchecked Sendable {
  /// Where it connects.
  let host: Int
  let life: Int
  /// The link's number in the replica.
  var link: Int?
  /// Whether the replica has ended the session.
  private(set) var isRefused = false
  /// Whether the replica sent it anything.
  private(set) var wasAnswered = false
  /// Whether it shakes hands at all.
  var isUnderstood: Bool { channel != nil }
  /// What the replica told it after the handshake, as far as it can be read, and how many bytes it sent in all.
  private(set) var heard: [UInt8] = []
  private(set) var heardBytes = 0
  /// Whether it may be told anything, for who it is.
  var maySpeak = true
  private var channel: SecureChannel?
  /// The device that it proves to be; nil where it proves nothing.
  let device: Digest?
  private let finishesHandshake: Bool
  /// What it says to what it was told in the handshake.
  private var answers: [UInt8] = []
  private var hasBegun = false

  let peer = "somebody who is no honest replica"

  /// A line to `process` of `host`, in its `space`: of one who proves to be the device of `keys`, or for nil talks as it likes. It
  /// leaves the handshake open unless it `finishesHandshake`.
  init(
    to host: Int, life: Int, in space: Bytes16, as keys: ChannelKeys?, finishesHandshake: Bool = true,
    _ random: inout RandomStream
  ) {
    (self.host, self.life, self.finishesHandshake) = (host, life, finishesHandshake)
    device = keys?.device
    guard let keys, let ephemeral = NoiseKeyPair(secret: random.bytes(32)) else { return }
    channel = SecureChannel(dialling: .meeting(space: space), keys, ephemeral: ephemeral) { _ in true }
  }

  /// Whether the replica has proved who it is, and may be spoken to.
  var isOpen: Bool { channel?.isOpen == true }

  func send(_ bytes: [UInt8]) {
    wasAnswered = true
    heardBytes += bytes.count
    guard let received = try? channel?.receive(bytes) else { return }
    if finishesHandshake { answers += received.reply }
    if heard.count < Self.heardBytesMax { heard += received.opened }
  }

  /// What it says next of the handshake; nothing once that is over.
  func shake() -> [UInt8] {
    defer { (answers, hasBegun) = ([], true) }
    return hasBegun ? answers : (try? channel?.start().reply) ?? []
  }

  /// `words` as they go over the line.
  func seal(_ words: [UInt8]) -> [UInt8] {
    isOpen ? (try? channel?.seal(words)) ?? [] : words
  }

  func close() { isRefused = true }

  func abort() { isRefused = true }

  /// The first frames of a session: it says that it is `device`, which writes `log` in `space`, and what it says that it holds.
  static func greeting(
    as device: Digest, writing log: LogID, called name: String, in space: Bytes16, holding held: [HeldLog] = [],
    features: Hello.Features = []
  ) -> [UInt8] {
    let hello = Hello(
      device: device, log: log, name: name, semanticsLevel: SemanticsLevel.current, credit: 1 << 24, space: space,
      features: features)
    return Frame.hello(hello).canonicalBytes + Frame.have(held).canonicalBytes
  }

  /// The one message of a handshake that is sent to who has not proved anything yet: its length, a key, a key and a certificate
  /// under encryption.
  static let answerBytesMax = 2 + 32 + 48 + 96 + 16

  /// More than a run's whole history.
  private static let heardBytesMax = 16 << 20
}
