/// What a connection begins with, in the open: six bytes of whoever dialled. Both sides bind the handshake to them, so
/// nobody in between can alter them unnoticed.
struct ChannelOpening: Hashable {
  /// What a connection is for.
  enum Purpose: UInt8 {
    /// Two devices that know each other exchange what they hold.
    case meeting = 1
    /// A device comes in, by a code that a person carried over.
    case pairing = 2
  }

  /// “ANBR”: who begins otherwise speaks something else.
  static let magic: [UInt8] = [0x41, 0x4e, 0x42, 0x52]
  /// The version of the encrypted stream; what it carries has versions of its own.
  static let version: UInt8 = 1
  static let byteCount = magic.count + 2

  var purpose: Purpose

  init(_ purpose: Purpose) {
    self.purpose = purpose
  }

  var bytes: [UInt8] {
    Self.magic + [Self.version, purpose.rawValue]
  }

  /// The opening that `bytes` begin with; nil while they are too few. Throws as soon as they cannot be one.
  init?(_ bytes: [UInt8]) throws(ChannelError) {
    guard bytes.starts(with: Self.magic.prefix(bytes.count)) else {
      throw ChannelError(.foreign, "it begins with something else than a handshake")
    }
    guard bytes.count >= Self.byteCount else { return nil }
    let version = bytes[Self.magic.count]
    guard version == Self.version else {
      throw ChannelError(
        .version, "expected version \(Self.version) of the encrypted stream, got \(version)")
    }
    guard let purpose = Purpose(rawValue: bytes[Self.magic.count + 1]) else {
      throw ChannelError(.refused, "expected a purpose of 1 or 2, got \(bytes[Self.magic.count + 1])")
    }
    self.purpose = purpose
  }
}
