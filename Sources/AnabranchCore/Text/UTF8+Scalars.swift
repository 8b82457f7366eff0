extension [UInt8] {
  /// How many scalars `range` has, which begins and ends with whole ones. O(bytes).
  func scalarCount(in range: Range<Int>) -> Int {
    withUnsafeBytes { UnsafeRawBufferPointer(rebasing: $0[range]).scalarCount }
  }

  /// The last place at or before `place` at which a scalar begins or ends.
  func boundary(before place: Int) -> Int {
    var place = place
    while place > 0, place < count, self[place] & 0xc0 == 0x80 { place -= 1 }
    return place
  }

  /// Where `count` scalars end in UTF-8, the first of which begins at `start`. O(count).
  func end(ofScalars count: Int, from start: Int) -> Int {
    var place = start
    for _ in 0..<count where place < self.count { place += Self.width(of: self[place]) }
    return Swift.min(place, self.count)
  }

  /// Where the scalars of `offsets` lie, counted from the beginning of `range`, which holds `count` scalars of UTF-8.
  /// O(1) for ASCII, else O(offsets.upperBound).
  func bytes(ofScalars offsets: Range<Int>, within range: Range<Int>, count: Int) -> Range<Int> {
    if range.isEmpty { return range }
    if range.count == count {
      return range.lowerBound + offsets.lowerBound..<range.lowerBound + offsets.upperBound
    }
    let start = end(ofScalars: offsets.lowerBound, from: range.lowerBound)
    return start..<end(ofScalars: offsets.count, from: start)
  }

  /// How many bytes a scalar has that begins with `first`.
  private static func width(of first: UInt8) -> Int {
    switch first {
    case ..<0xc0: 1
    case ..<0xe0: 2
    case ..<0xf0: 3
    default: 4
    }
  }
}

extension RandomAccessCollection where Index == Int {
  /// The first index whose element satisfies `belongs`, where all from some index on do and none before. O(log n).
  func partitioningIndex(where belongs: (Element) -> Bool) -> Int {
    var (low, high) = (startIndex, endIndex)
    while low < high {
      let middle = low + (high - low) / 2
      if belongs(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
