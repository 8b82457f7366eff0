internal import Synchronization

#if canImport(Musl)
  internal import Musl
#elseif canImport(Glibc)
  internal import Glibc
#endif

/// The system's random bits, asked for many at a time: to ask anew for every eight bytes took a twentieth of the time of
/// writing a message. What was given is overwritten; what waits would be given twice where a machine is copied while it runs.
final class SystemRandom: Sendable {
  private let waiting = Mutex<[UInt64]>([])

  /// Sixty-four random bits.
  func next() -> UInt64 {
    waiting.withLock { words in
      if words.isEmpty { words = Self.draw() }
      guard let last = words.last else {
        var generator = SystemRandomNumberGenerator()
        return generator.next()
      }
      words[words.count - 1] = 0
      words.removeLast()
      return last
    }
  }

  /// Words that are asked for at a time: as many as the system gives in one piece, 256 bytes (POSIX.1-2024,
  /// `getentropy`).
  private static let count = 256 / MemoryLayout<UInt64>.size

  /// None where the system has no such call; then Swift's generator, which needs one a word, is as good.
  private static func draw() -> [UInt64] {
    #if canImport(Musl) || canImport(Glibc)
      var words = [UInt64](repeating: 0, count: count)
      let code = words.withUnsafeMutableBytes { bytes in
        bytes.baseAddress.map { getentropy($0, bytes.count) }
      }
      return code == 0 ? words : []
    #else
      return []
    #endif
  }
}
