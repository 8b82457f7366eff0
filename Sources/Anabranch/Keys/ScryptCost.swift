/// How much work a guess at a passphrase is: the parameters of scrypt (RFC 7914).
public struct ScryptCost: Sendable, Hashable {
  /// The binary logarithm of N, which memory and time grow with.
  let logRounds: UInt8
  /// r.
  let blockSize: UInt8
  /// p.
  let parallelism: UInt8

  /// N = 2¹⁷, r = 8, p = 1: 128 MiB for each guess.
  public static let standard = ScryptCost(logRounds: 17, blockSize: 8, parallelism: 1)

  /// What ``init(logRounds:)`` takes.
  public static let logRoundsRange = 10...19

  /// The memory that any cost takes at most: 512 MiB. A file from elsewhere cannot ask for more.
  static let memoryBytesMax = 512 << 20
  private static let blockSizes: ClosedRange<UInt8> = 1...16
  private static let parallelisms: ClosedRange<UInt8> = 1...4

  /// N = 2 to the power of `logRounds`, and otherwise as ``standard``. Each step more doubles memory, 1 KiB × N, and time.
  ///
  /// Throws ``AnabranchError/Code/invalid`` outside of ``logRoundsRange``.
  public init(logRounds: Int) throws(AnabranchError) {
    guard let byte = UInt8(exactly: logRounds), let cost = Self(logRounds: byte, Self.standard.blockSize, 1) else {
      throw AnabranchError(
        .invalid,
        "expected a cost of \(Self.logRoundsRange.lowerBound) to \(Self.logRoundsRange.upperBound), got \(logRounds)")
    }
    self = cost
  }

  /// The cost of these parameters, as a file says; nil where it is outside of what this program would ever compute. Never
  /// traps.
  init?(logRounds: UInt8, _ blockSize: UInt8, _ parallelism: UInt8) {
    guard
      Self.logRoundsRange.contains(Int(logRounds)), Self.blockSizes.contains(blockSize),
      Self.parallelisms.contains(parallelism),
      // RFC 7914, section 2: N is less than 2 to the power of 128 r / 8.
      Int(logRounds) < 16 * Int(blockSize),
      (128 << Int(logRounds)) * Int(blockSize) <= Self.memoryBytesMax
    else { return nil }
    self.init(logRounds: logRounds, blockSize: blockSize, parallelism: parallelism)
  }

  private init(logRounds: UInt8, blockSize: UInt8, parallelism: UInt8) {
    (self.logRounds, self.blockSize, self.parallelism) = (logRounds, blockSize, parallelism)
  }
}
