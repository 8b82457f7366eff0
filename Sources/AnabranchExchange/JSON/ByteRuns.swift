/// Looks for the bytes that end a run of plain ones, eight at a time.
enum ByteRuns {
  private static let ones: UInt64 = 0x0101_0101_0101_0101
  private static let highBits: UInt64 = 0x8080_8080_8080_8080

  /// The first position from `start` on that holds a quote or a backslash; `end` if none does.
  ///
  /// Complexity: one word of eight bytes a step.
  static func plainEnd(_ bytes: UnsafePointer<UInt8>, from start: Int, to end: Int) -> Int {
    let quotes = ones &* UInt64(UInt8(ascii: "\""))
    let backslashes = ones &* UInt64(UInt8(ascii: "\\"))
    let raw = UnsafeRawPointer(bytes)
    var at = start
    while at &+ 8 <= end {
      let word = UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: at, as: UInt64.self))
      let hits = zeroes(word ^ quotes) | zeroes(word ^ backslashes)
      if hits != 0 { return at &+ hits.trailingZeroBitCount / 8 }
      at &+= 8
    }
    while at < end {
      let byte = bytes[at]
      if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { return at }
      at &+= 1
    }
    return end
  }

  /// Marks the bytes that are zero by their highest bit; exact for the lowest of them.
  @inline(__always)
  private static func zeroes(_ word: UInt64) -> UInt64 {
    (word &- ones) & ~word & highBits
  }
}
