public import AnabranchCore

/// What stands in a bundle for something that a person wrote and that is compared: equal where that is equal, and different where it
/// is different. Whoever does not have the key can neither find out what it stands for nor try what it may be.
public struct Pseudonym: Hashable, Sendable {
  /// Sixteen bytes that say nothing else.
  public let bytes: Bytes16

  /// The pseudonym of those bytes.
  public init(_ bytes: Bytes16) {
    self.bytes = bytes
  }

  /// As a text: 32 hexadecimal digits, which are what stands for the value when a bundle is replayed.
  public var text: String {
    Hexadecimal.encode(bytes.bytes)
  }
}

/// Gives pseudonyms in one bundle.
public struct Pseudonyms: Sendable {
  /// What kind of value a pseudonym stands for. A tag and a title that are called alike are not compared, so theirs differ.
  public enum Use: UInt8, Sendable {
    case title = 1
    case model = 2
    case deviceName = 3
    case tag = 4
    case folder = 5
    case fieldName = 6
    case fieldValue = 7
    case author = 8
    case verbatim = 9
    case fileName = 10
    case mediaType = 11
    case file = 12
    case sourceName = 13
    case object = 14
    case other = 15
    case importedText = 16
  }

  private let key: Digest

  /// Pseudonyms under a key of 32 random bytes, which is drawn for one bundle and kept nowhere.
  public init(key: Digest) {
    self.key = key
  }

  /// The pseudonym of a value: the first half of SHA-256 over the domain, the key, the use and the value. What can be fed in has no
  /// say in where the key ends, so appending to it gains nothing, and half of the hash is never told.
  public func of(_ value: some Sequence<UInt8>, as use: Use) -> Pseudonym {
    Pseudonym(
      Hashing.hash(.pseudonym) { parts in
        parts.add(key)
        parts.add(use.rawValue)
        parts.add(Array(value)[...])
      }.head)
  }

  /// The pseudonym of a text.
  public func of(_ value: String, as use: Use) -> Pseudonym {
    of(value.utf8, as: use)
  }
}
