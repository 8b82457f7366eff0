/// Names a log: the first sixteen bytes of a hash over its header, so it cannot be chosen.
///
/// Sixteen bytes rather than thirty-two, because every reference into another log carries one; see
/// `docs/decisions/0002-sixteen-byte-identifiers.md`.
public struct LogID: Hashable, Comparable, Sendable {
  /// The identifier itself.
  public let bytes: Bytes16

  /// The log of that identifier.
  public init(_ bytes: Bytes16) {
    self.bytes = bytes
  }

  /// By the bytes: the order that every replica sorts by.
  public static func < (a: Self, b: Self) -> Bool {
    a.bytes < b.bytes
  }
}

extension LogID: CustomStringConvertible {
  /// Thirty-two lowercase hexadecimal digits.
  public var description: String {
    Hexadecimal.encode(bytes.bytes)
  }
}
