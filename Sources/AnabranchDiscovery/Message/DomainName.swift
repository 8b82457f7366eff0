/// A name of the domain name system: labels, of which the last stands for the widest domain.
///
/// Letters of ASCII are kept as small ones, since case means nothing in a name (RFC 6762, §16). Names that were read keep to
/// the limits of a name; those that are made from words must, too.
public struct DomainName: Hashable, Sendable {
  /// The labels, the narrowest first, without lengths.
  public let labels: [[UInt8]]

  /// The name of `labels`, each of 1 to 63 bytes.
  init(labels: [[UInt8]]) {
    self.labels = labels.map { $0.map(Self.lowercased) }
  }

  /// The name of `words`, in UTF-8.
  public init(_ words: String...) {
    self.init(labels: words.map { Array($0.utf8) })
  }

  /// This name within `domain`.
  func within(_ domain: DomainName) -> DomainName {
    DomainName(labels: labels + domain.labels)
  }

  /// Whether it is one label within `domain`.
  func isDirectly(within domain: DomainName) -> Bool {
    labels.count == domain.labels.count + 1 && labels.dropFirst().elementsEqual(domain.labels)
  }

  private static func lowercased(_ byte: UInt8) -> UInt8 {
    (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
  }

  /// What devices announce: RFC 6763, §7.
  public static let service = DomainName("_anabranch", "_tcp", "local")
  /// Names that mean something on one link alone.
  static let local = DomainName("local")
}
