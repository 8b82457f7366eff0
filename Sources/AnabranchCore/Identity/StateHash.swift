/// A fingerprint of a set of items: the sum of their digests modulo 2²⁵⁶.
///
/// Adding and removing an item are inverse and the order does not matter, so the fingerprint of a view is kept
/// as the view changes, at the cost of the change. Equal sets have equal sums; it is no defence against somebody
/// who constructs items to collide (Bellare and Micciancio, "A New Paradigm for Collision-free Hashing", 1997).
public struct StateHash: Hashable, Sendable {
  /// The sum as four words, the most significant first.
  private var words: (UInt64, UInt64, UInt64, UInt64)

  /// The fingerprint of the empty set.
  public init() {
    words = (0, 0, 0, 0)
  }

  /// The fingerprint of the set whose only item has that digest.
  public init(_ digest: Digest) {
    words = (digest.head.high, digest.head.low, digest.tail.high, digest.tail.low)
  }

  /// The sum as thirty-two bytes.
  public var digest: Digest {
    Digest(head: Bytes16(high: words.0, low: words.1), tail: Bytes16(high: words.2, low: words.3))
  }

  /// Adds every item of `other`.
  public mutating func add(_ other: StateHash) {
    var carry = false
    words.3 = Self.sum(words.3, other.words.3, &carry)
    words.2 = Self.sum(words.2, other.words.2, &carry)
    words.1 = Self.sum(words.1, other.words.1, &carry)
    words.0 = Self.sum(words.0, other.words.0, &carry)
  }

  private static func sum(_ a: UInt64, _ b: UInt64, _ carry: inout Bool) -> UInt64 {
    let (partial, first) = a.addingReportingOverflow(b)
    let (sum, second) = partial.addingReportingOverflow(carry ? 1 : 0)
    carry = first || second
    return sum
  }

  /// Removes every item of `other`, which must have been added before.
  public mutating func remove(_ other: StateHash) {
    var negated = StateHash()
    negated.words = (~other.words.0, ~other.words.1, ~other.words.2, ~other.words.3)
    negated.add(Self.one)
    add(negated)
  }

  private static let one = StateHash(
    Digest(head: Bytes16(high: 0, low: 0), tail: Bytes16(high: 0, low: 1)))

  /// Whether the sums are equal.
  public static func == (a: Self, b: Self) -> Bool {
    a.words == b.words
  }

  /// Feeds the sum to `hasher`.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(digest)
  }
}
