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
  /// Sixty-four lowercase hexadecimal digits.
  public var description: String {
    digest.description
  }
}
