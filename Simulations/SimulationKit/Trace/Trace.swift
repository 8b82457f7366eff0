/// What happened, one line an event, and a hash over it and over every byte that was sent or written: equal for two
/// runs that went the same way.
public struct Trace: Sendable {
  /// FNV-1a, word by word, over what was noted and mixed in, whether its words are kept or not.
  public private(set) var hash: UInt64 = 0xcbf2_9ce4_8422_2325
  /// The lines, if they are kept.
  public private(set) var lines: [String] = []
  private let isKept: Bool

  init(isKept: Bool) {
    self.isKept = isKept
  }

  /// Adds what happened at `time`: some numbers, and what they mean, which is only put into words if it is kept.
  mutating func note(_ time: VirtualTime, _ numbers: Int..., as text: @autoclosure () -> String) {
    mix(UInt64(bitPattern: time.microseconds))
    for number in numbers { mix(UInt64(bitPattern: Int64(number))) }
    if isKept { lines.append("\(time)  \(text())") }
  }

  /// Adds bytes to the hash alone.
  mutating func mix(_ bytes: some Sequence<UInt8>) {
    var word: UInt64 = 0
    var count: UInt64 = 0
    for byte in bytes {
      word = word << 8 | UInt64(byte)
      count += 1
      if count % 8 == 0 { mix(word) }
    }
    mix(word)
    mix(count)
  }

  /// Adds to the hash alone.
  mutating func mix(_ number: UInt64) {
    hash = (hash ^ number) &* 0x100_0000_01b3
    hash ^= hash >> 29
  }
}
