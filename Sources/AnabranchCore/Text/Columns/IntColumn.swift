/// Integers, four bytes each where they are from 0 to 2³² − 2, which numbers about a text mostly are. Others, as a forged
/// history may have them, stand in a table beside. Access in O(1), appending in amortised O(1).
struct IntColumn: Sendable {
  /// Stands for what is in ``wide``.
  private static let wideMark = UInt32.max

  private var narrow = BlockArray<UInt32>()
  private var wide: [Int: Int] = [:]

  mutating func append(_ value: Int) {
    narrow.append(Self.wideMark)
    self[count - 1] = value
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
      let value = UInt32(exactly: newValue) ?? Self.wideMark
      if narrow[index] == Self.wideMark { wide[index] = nil }
      narrow[index] = value
      if value == Self.wideMark { wide[index] = newValue }
    }
  }
}
