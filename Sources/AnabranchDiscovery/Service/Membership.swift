public import AnabranchCore
internal import AnabranchWire

/// Who announces itself, and whom it looks for.
public struct Membership: Hashable, Sendable {
  /// The space that all of them belong to.
  public var space: Bytes16
  /// This device.
  public var own: Digest
  /// The other devices of the space.
  public var others: [Digest]

  /// The device `own` of `space`, which looks for `others`.
  public init(space: Bytes16, own: Digest, others: [Digest]) {
    self.space = space
    self.own = own
    self.others = others
  }

  /// The one of the others that announced `text`; nil for a stranger. O(others).
  func author(of text: ServiceText) -> Digest? {
    others.first { ServiceText.tag(of: $0, in: space, nonce: text.nonce) == text.tag }
  }
}

/// What an announcement says of who makes it: a number that is drawn at random, and a tag over it. To who does not know the space
/// and the device both are noise, and no two announcements look alike.
///
/// As the strings of a `TXT` record (RFC 6763, §6):
///
/// | offset | size | field |
/// | --- | --- | --- |
/// | 0 | 1 | 18 |
/// | 1 | 2 | `n=` |
/// | 3 | 16 | the random number |
/// | 19 | 1 | 18 |
/// | 20 | 2 | `t=` |
/// | 22 | 16 | the tag |
struct ServiceText: Hashable, Sendable {
  let nonce: Bytes16
  let tag: Bytes16

  /// What `device` of `space` says with that number.
  init(of device: Digest, in space: Bytes16, nonce: Bytes16) {
    self.nonce = nonce
    tag = Self.tag(of: device, in: space, nonce: nonce)
  }

  /// Reads the strings of a record, in any order, others among them; nil where it does not say both.
  init?(_ strings: [[UInt8]]) {
    func value(_ key: String) -> Bytes16? {
      let start = Array("\(key)=".utf8)
      // Of two with one key the first counts (RFC 6763, §6.4).
      let string = strings.first { $0.starts(with: start) }
      return string.flatMap { $0.count == start.count + Bytes16.count ? Bytes16($0.dropFirst(start.count)) : nil }
    }
    guard let nonce = value("n"), let tag = value("t") else { return nil }
    self.nonce = nonce
    self.tag = tag
  }

  /// The strings of the record.
  var strings: [[UInt8]] {
    [Array("n=".utf8) + nonce.bytes, Array("t=".utf8) + tag.bytes]
  }

  /// The first sixteen bytes of the hash over space, device and number.
  static func tag(of device: Digest, in space: Bytes16, nonce: Bytes16) -> Bytes16 {
    Hashing.hash(.announcement, (space.bytes + device.bytes + nonce.bytes)[...]).head
  }
}
