public import AnabranchCore

/// A seeded generator: the same seed gives the same numbers, everywhere and forever.
///
/// Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators", 2014. Not for secrets.
public struct SplitMix64: RandomNumberGenerator, Sendable {
  private var state: UInt64

  /// The generator that starts at `seed`.
  public init(seed: UInt64) {
    state = seed
  }

  /// The next 64 bits.
  public mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
    return mixed ^ mixed >> 31
  }

  /// A number in `range`.
  public mutating func number(in range: ClosedRange<Int>) -> Int {
    Int.random(in: range, using: &self)
  }

  /// True `numerator` times out of `denominator`.
  public mutating func chance(_ numerator: Int, in denominator: Int) -> Bool {
    number(in: 1...denominator) <= numerator
  }

  /// One of `elements`; nil where there are none.
  public mutating func pick<Element>(_ elements: [Element]) -> Element? {
    elements.randomElement(using: &self)
  }

  /// One of those.
  public mutating func one<Element>(of first: Element, _ others: Element...) -> Element {
    let place = number(in: 0...others.count)
    return place == 0 ? first : others[place - 1]
  }

  /// `elements` in a random order.
  public mutating func shuffled<Element>(_ elements: [Element]) -> [Element] {
    elements.shuffled(using: &self)
  }

  /// Sixteen random bytes.
  public mutating func bytes16() -> Bytes16 {
    Bytes16(high: next(), low: next())
  }

  /// Thirty-two random bytes.
  public mutating func digest() -> Digest {
    Digest(head: bytes16(), tail: bytes16())
  }

  /// `count` random bytes.
  public mutating func bytes(_ count: Int) -> [UInt8] {
    (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) }
  }

  /// A short text out of several scripts, with U+0000 and composed forms among them.
  public mutating func text(_ words: ClosedRange<Int> = 1...3) -> String {
    let choices = ["river", "delta", "stream", "流れ", "نهر", "é", "e\u{301}", "🏞️", "a\u{0}b", "\n"]
    return (0..<number(in: words)).map { _ in choices[number(in: 0...choices.count - 1)] }.joined(
      separator: " ")
  }
}
