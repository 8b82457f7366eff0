/// A hybrid logical timestamp: milliseconds since 1970 in the upper 48 bits, a counter in the lower 16.
///
/// Kulkarni et al., "Logical Physical Clocks", 2014. Consistent with causality as long as nobody's clock is
/// beyond ``HybridClock/driftMsMax``; beyond it nothing but tie-breaks and display suffers.
public struct HybridTime: RawRepresentable, Hashable, Comparable, Sendable {
  /// Milliseconds and counter in one number.
  public let rawValue: UInt64

  /// The timestamp of that number.
  public init(rawValue: UInt64) {
    self.rawValue = rawValue
  }

  /// The timestamp of those parts; `milliseconds` is cut to 0 … 2⁴⁸ − 1.
  public init(milliseconds: Int64, counter: UInt16) {
    let bounded = UInt64(Swift.min(Swift.max(milliseconds, 0), Self.millisecondsMax))
    rawValue = bounded << 16 | UInt64(counter)
  }

  /// The greatest millisecond it can hold: 2⁴⁸ − 1, in the year 10889.
  public static let millisecondsMax: Int64 = 1 << 48 - 1

  /// Before every timestamp that a clock gives.
  public static let zero = HybridTime(rawValue: 0)

  /// Milliseconds since 1970.
  public var milliseconds: Int64 {
    Int64(rawValue >> 16)
  }

  /// What tells apart the timestamps of one millisecond.
  public var counter: UInt16 {
    UInt16(truncatingIfNeeded: rawValue)
  }

  /// By milliseconds, then by counter.
  public static func < (a: Self, b: Self) -> Bool {
    a.rawValue < b.rawValue
  }
}
