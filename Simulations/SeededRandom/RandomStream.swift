public import AnabranchCore

/// Random numbers of one purpose, drawn from a seed: SplitMix64 (Steele, Lea and Flood, "Fast Splittable
/// Pseudorandom Number Generators", 2014). The same seed gives the same numbers, everywhere and for good. Not for
/// secrets.
///
/// A simulation has one stream a subsystem, named by it, so that taking one number more here changes nothing there.
/// Integer ratios, no floats: the same on every machine.
public struct RandomStream: RandomNumberGenerator, Sendable {
  private var state: UInt64

  /// The stream that `seed` starts.
  public init(seed: UInt64) {
    state = seed
  }

  /// The stream of `purpose`, and of the number `index` among those with the same purpose, in the run of `seed`.
  public init(seed: UInt64, _ purpose: String, _ index: Int = 0) {
    // FNV-1a over the name, so that streams of neighbouring seeds have nothing in common.
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in purpose.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    state = seed &* 0x9e37_79b9_7f4a_7c15 ^ hash &+ UInt64(truncatingIfNeeded: index) &* 0xd6e8_feb8_6659_fd93
    _ = next()
  }

  /// Sixty-four random bits.
  public mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}

extension RandomStream {
  /// A number of `range`, each as likely.
  public mutating func number(in range: ClosedRange<Int>) -> Int {
    let count = UInt64(range.upperBound - range.lowerBound) &+ 1
    // The upper half of a full product is even to within 2⁻³², without a loop and the same everywhere.
    return range.lowerBound + Int(next().multipliedFullWidth(by: count).high)
  }

  /// True in `times` of `of` cases.
  public mutating func chance(_ times: Int, in of: Int) -> Bool {
    number(in: 0...max(of - 1, 0)) < times
  }

  /// One of `elements`; nil if there is none.
  public mutating func pick<Element>(_ elements: [Element]) -> Element? {
    elements.isEmpty ? nil : elements[number(in: 0...elements.count - 1)]
  }

  /// `elements` in a random order (Fisher and Yates).
  public mutating func shuffled<Element>(_ elements: [Element]) -> [Element] {
    var result = elements
    for index in result.indices.dropFirst().reversed() { result.swapAt(index, number(in: 0...index)) }
    return result
  }

  /// A number from 0 on, below `bound`, which is above 0.
  public mutating func below(_ bound: Int) -> Int {
    number(in: 0...bound - 1)
  }

  /// One of those.
  public mutating func one<Element>(of first: Element, _ others: Element...) -> Element {
    let place = number(in: 0...others.count)
    return place == 0 ? first : others[place - 1]
  }

  /// `count` random bytes.
  public mutating func bytes(_ count: Int) -> [UInt8] {
    (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) }
  }

  /// Sixteen random bytes.
  public mutating func bytes16() -> Bytes16 {
    Bytes16(high: next(), low: next())
  }

  /// Thirty-two random bytes.
  public mutating func digest() -> Digest {
    Digest(head: bytes16(), tail: bytes16())
  }

  /// A few words as people write them: also in other scripts, with emoji, marks and a letter that is no character.
  public mutating func words(_ count: ClosedRange<Int>) -> String {
    (0..<number(in: count)).compactMap { _ in pick(Self.vocabulary) }.joined(separator: " ")
  }

  private static let vocabulary = [
    "anabranch", "river", "log", "merge", "why", "the", "a", "of", "tomorrow", "café", "naïve", "東京", "雨です",
    "שלום", "مرحبا", "👩‍👩‍👧", "e\u{301}", "#1", "\"quoted\"", "100 %", "line\nbreak", "\u{0}nul", "--flag",
  ]
}
