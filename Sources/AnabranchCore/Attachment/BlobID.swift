/// Names a blob, the bytes of a file: a hash over them, so that equal files are one wherever they came from.
///
/// It stands in contents only, never in structure: who has only the structure cannot tell whether a file that he knows
/// is attached.
public struct BlobID: Hashable, Sendable {
  /// The hash.
  public let digest: Digest

  /// The blob of that hash.
  public init(_ digest: Digest) {
    self.digest = digest
  }
}

extension BlobID: Comparable {
  /// By the bytes.
  public static func < (a: Self, b: Self) -> Bool {
    a.digest < b.digest
  }
}

extension BlobID: CustomStringConvertible {
  /// Whether a text is the printed form of a blob's name, be it one that nobody has.
  public static func isName(_ text: String) -> Bool {
    text.utf8.count == 64 && text.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
  }

  /// Sixty-four lowercase hexadecimal digits.
  public var description: String {
    digest.description
  }
}
