/// Integers, four bytes each where they are from 0 to 2³² − 2, which numbers about a text mostly are. Others, as a forged
/// history may have them, stand in a table beside. Access in O(1), appending in amortised O(1).
struct IntColumn: Sendable {
  /// Stands for what is in ``wide``.
  private static let wideMark = UInt32.max

  private var narrow = BlockArray<UInt32>()
  private var wide: [Int: Int] = [:]

  mutating func append(_ value: Int) {
    let narrowed = UInt32(exactly: value) ?? Self.wideMark
    if narrowed == Self.wideMark { wide[count] = value }
    narrow.append(narrowed)
  }
}

extension IntColumn: RandomAccessCollection, MutableCollection {
  var startIndex: Int { 0 }
  var endIndex: Int { narrow.endIndex }

  subscript(index: Int) -> Int {
    get {
      let value = narrow[index]
      return value == Self.wideMark ? wide[index] ?? 0 : Int(value)
    }
    set {
      let narrowed = UInt32(exactly: newValue) ?? Self.wideMark
      if !wide.isEmpty { wide[index] = nil }
      if narrowed == Self.wideMark { wide[index] = newValue }
      narrow[index] = narrowed
    }
  }
}
