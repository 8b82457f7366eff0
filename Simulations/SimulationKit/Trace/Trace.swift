/// What happened, one line an event, and a hash over it and over every byte that was sent or written: equal for two
/// runs that went the same way.
public struct Trace: Sendable {
  /// FNV-1a, word by word, over what was noted and mixed in, whether its words are kept or not.
  public private(set) var hash: UInt64 = 0xcbf2_9ce4_8422_2325
  /// The lines, if they are kept.
  public private(set) var lines: [String] = []
  private let isKept: Bool
  /// Is told each line at once, if they are kept.
  private let tell: (@Sendable (String) -> Void)?

  init(isKept: Bool, tell: (@Sendable (String) -> Void)? = nil) {
    self.isKept = isKept
    self.tell = tell
  }

  /// Adds what happened at `time`: some numbers, and what they mean, which is only put into words if it is kept.
  mutating func note(_ time: VirtualTime, _ numbers: Int..., as text: @autoclosure () -> String) {
    mix(UInt64(bitPattern: time.microseconds))
    for number in numbers { mix(UInt64(bitPattern: Int64(number))) }
    guard isKept else { return }
    let line = "\(time)  \(text())"
    lines.append(line)
    tell?(line)
  }

  /// Adds bytes to the hash alone.
  mutating func mix(_ bytes: [UInt8]) {
    bytes.withUnsafeBytes { bytes in
      for place in stride(from: 0, to: bytes.count & ~7, by: 8) {
        mix(UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self)))
      }
      for byte in bytes.suffix(bytes.count & 7) { mix(UInt64(byte)) }
      mix(UInt64(bytes.count))
    }
  }

  /// Adds to the hash alone.
  mutating func mix(_ number: UInt64) {
    hash = (hash ^ number) &* 0x100_0000_01b3
    hash ^= hash >> 29
  }
}
