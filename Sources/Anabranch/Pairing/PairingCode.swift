internal import struct Crypto.SHA256

/// What a person carries from a device to one that is to come in: a secret that both then prove to know, and where the first
/// one listens.
///
/// `SECRET@ADDRESS,ADDRESS`: the secret's 32 random bytes between a byte for the version and two to check them by, in base 32
/// (RFC 4648), in groups of four. Case, blanks and hyphens in it do not matter.
public struct PairingCode: Hashable, Sendable, CustomStringConvertible {
  /// What both sides prove to know.
  let secret: [UInt8]
  /// Where the device listens that lets the other one in; may be none.
  public var addresses: [String]

  private static let version: UInt8 = 1
  static let secretBytes = 32
  private static let checkBytes = 2

  /// The code of `secret`, for a device that listens at `addresses`.
  init(secret: [UInt8], addresses: [String]) {
    self.secret = secret
    self.addresses = addresses
  }

  /// Reads a code. Throws ``AnabranchError/Code/invalid`` for what is none, or was misspelled.
  public init(_ text: String) throws(AnabranchError) {
    let parts = text.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
    let letters = (parts.first ?? "").lowercased().filter { $0 != "-" && !$0.isWhitespace }
    let bytes = Base32.decode(letters)
    guard let bytes, bytes.count == 1 + Self.secretBytes + Self.checkBytes else {
      throw AnabranchError(
        .invalid,
        "expected a code of \(Base32.length(ofBytes: 1 + Self.secretBytes + Self.checkBytes)) letters and digits",
        remedy: "run `anabranch pair` on the other device and take over all that it shows")
    }
    let secret = Array(bytes.dropFirst().prefix(Self.secretBytes))
    let isChecked = bytes.suffix(Self.checkBytes).elementsEqual(Self.check(secret))
    guard bytes[0] == Self.version, isChecked else {
      // The first letters may be misspelled as well.
      let isNewer = bytes[0] > Self.version && !isChecked
      throw AnabranchError(
        .invalid, isNewer ? "the code was misspelled, or is one of a newer version" : "the code was misspelled",
        remedy: "take it over again, as a whole" + (isNewer ? ", or use the same version on both devices" : ""))
    }
    self.secret = secret
    addresses = parts.count < 2 ? [] : parts[1].split(separator: ",").map(String.init)
    for address in addresses { try Replica.checkAddress(address) }
  }

  /// The code as it is read.
  public var description: String {
    let letters = Array(Base32.encode([Self.version] + secret + Self.check(secret)))
    let groups = stride(from: 0, to: letters.count, by: 4).map { String(letters[$0..<min($0 + 4, letters.count)]) }
    return groups.joined(separator: "-") + (addresses.isEmpty ? "" : "@" + addresses.joined(separator: ","))
  }

  private static func check(_ secret: [UInt8]) -> [UInt8] {
    Array(SHA256.hash(data: Array("anabranch pairing code v1".utf8) + secret).prefix(checkBytes))
  }
}

/// Five bits a letter (RFC 4648, §6), lowercase and without padding.
private enum Base32 {
  private static let letters = Array("abcdefghijklmnopqrstuvwxyz234567")

  static func length(ofBytes count: Int) -> Int {
    (count * 8 + 4) / 5
  }

  static func encode(_ bytes: [UInt8]) -> String {
    var text = ""
    var (bits, count) = (0, 0)
    for byte in bytes {
      bits = (bits << 8 | Int(byte)) & 0xfff
      count += 8
      while count >= 5 {
        count -= 5
        text.append(letters[bits >> count & 31])
      }
    }
    if count > 0 { text.append(letters[bits << (5 - count) & 31]) }
    return text
  }

  /// Nil for letters that are none, and for bits that are left over and not zero.
  static func decode(_ text: String) -> [UInt8]? {
    var bytes: [UInt8] = []
    var (bits, count) = (0, 0)
    for letter in text {
      guard let value = letters.firstIndex(of: letter) else { return nil }
      bits = (bits << 5 | value) & 0xfff
      count += 5
      if count >= 8 {
        count -= 8
        bytes.append(UInt8(bits >> count & 0xff))
      }
    }
    return bits & (1 << count - 1) == 0 ? bytes : nil
  }
}
