/// Some of the items of a plan, by their numbers: printed as `0-3,7`.
public struct NumberSet: Hashable, Sendable {
  private var numbers: Set<Int>

  /// Those numbers.
  public init(_ numbers: some Sequence<Int> = []) {
    self.numbers = Set(numbers)
  }

  /// Whether there are none.
  public var isEmpty: Bool { numbers.isEmpty }

  /// How many there are.
  public var count: Int { numbers.count }

  /// Whether `number` is among them.
  public func contains(_ number: Int) -> Bool { numbers.contains(number) }

  /// These and `others`.
  public func union(_ others: some Sequence<Int>) -> NumberSet { NumberSet(numbers.union(others)) }
}

extension NumberSet: CustomStringConvertible {
  /// Ascending, neighbours joined; as ``init(parsing:)`` reads it.
  public var description: String {
    var ranges: [ClosedRange<Int>] = []
    for number in numbers.sorted() {
      if let last = ranges.last, last.upperBound + 1 == number {
        ranges[ranges.count - 1] = last.lowerBound...number
      } else {
        ranges.append(number...number)
      }
    }
    return ranges.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }
      .joined(separator: ",")
  }

  /// Reads what ``description`` wrote; nil for anything else, and for numbers beyond a million.
  public init?(parsing text: some StringProtocol) {
    numbers = []
    for part in text.split(separator: ",") {
      let ends = part.split(separator: "-").map { Int($0) }
      guard let first = ends.first ?? nil, let last = ends.last ?? nil, ends.count <= 2, 0 <= first, first <= last,
        last < 1_000_000
      else { return nil }
      numbers.formUnion(first...last)
    }
  }
}
