/// A text of which some scalars may be gone: they take their places and say nothing.
public struct PartialText: Hashable, Sendable {
  /// What is there, in order.
  public private(set) var text: String
  /// The places of what is gone, in scalars of the whole: ascending, apart from each other, none empty.
  public private(set) var gone: [Range<Int>]

  /// A text of which all is there.
  public init(_ text: String) {
    self.text = text
    gone = []
  }

  /// A text of which `text` is there, and the scalars at `gone` are not: ascending, apart from each other, none empty.
  /// Nil where these leave room for fewer scalars than `text` has before the last of them.
  public init?(_ text: String, gone: [Range<Int>]) {
    guard gone.last.map({ $0.upperBound <= text.scalarCount + gone.total }) ?? true else { return nil }
    self.text = text
    self.gone = gone
  }

  /// How many scalars it has, those included that are gone. O(text).
  public var count: Int {
    text.scalarCount + gone.total
  }

  /// The same text without the scalars at `ranges`. O(text).
  public func without(_ ranges: [Range<Int>]) -> PartialText {
    let all = (gone + ranges.map { $0.clamped(to: 0..<count) }).disjoint
    var result = self
    result.gone = all
    var kept = String.UnicodeScalarView()
    var place = 0
    var missing = gone[...]
    var taken = all[...]
    for scalar in text.unicodeScalars {
      while let next = missing.first, next.lowerBound == place {
        place = next.upperBound
        missing = missing.dropFirst()
      }
      while let next = taken.first, next.upperBound <= place { taken = taken.dropFirst() }
      if taken.first?.contains(place) != true { kept.append(scalar) }
      place += 1
    }
    result.text = String(kept)
    return result
  }
}

extension [Range<Int>] {
  /// How many places lie in them, which are apart from each other.
  var total: Int {
    reduce(0) { $0 + $1.count }
  }

  /// The same places, as ranges that ascend and neither touch nor are empty. O(n log n).
  package var disjoint: [Range<Int>] {
    var result: [Range<Int>] = []
    for range in sorted(by: { $0.lowerBound < $1.lowerBound }) where !range.isEmpty {
      if let last = result.last, range.lowerBound <= last.upperBound {
        result[result.count - 1] = last.lowerBound..<Swift.max(last.upperBound, range.upperBound)
      } else {
        result.append(range)
      }
    }
    return result
  }

  /// Passes the parts of `whole` that lie in these ranges, which are disjoint, and those between them, in order.
  func forEachPart(of whole: Range<Int>, _ body: (_ range: Range<Int>, _ isWithin: Bool) -> Void) {
    var place = whole.lowerBound
    for range in self {
      let part = range.clamped(to: whole)
      guard !part.isEmpty else { continue }
      if place < part.lowerBound { body(place..<part.lowerBound, false) }
      body(part, true)
      place = part.upperBound
    }
    if place < whole.upperBound { body(place..<whole.upperBound, false) }
  }
}
