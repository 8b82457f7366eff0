internal import AnabranchCore

/// How long to wait before dialling a peer again: longer after each failure, and never in step with others.
///
/// After n failures a delay is drawn evenly from `min` … `min(max, min · 2ⁿ)`, in milliseconds. ("Full jitter" of
/// Brooker, "Exponential Backoff and Jitter", 2015, above a floor, so that no dialler ever spins.)
public struct Backoff: Hashable, Sendable {
  /// The shortest delay.
  public static let delayMin: Duration = .milliseconds(delayMsMin)
  /// The longest delay.
  public static let delayMax: Duration = .milliseconds(delayMsMax)

  private static let delayMsMin: UInt64 = 250
  private static let delayMsMax: UInt64 = 60_000
  /// From this many failures on the delay no longer grows: 250 ms · 2⁸ is above a minute.
  private static let failuresMax = 8

  private var failures = 0

  /// A dialler that has not failed yet.
  public init() {}

  /// A session that held this long was none that fails at once: the delays start small again.
  public static let settled: Duration = .seconds(30)

  /// Counts the end of a session that held for that long, zero where none came about, and returns how long to wait after
  /// it. Takes one number from `generator`.
  public mutating func failed(
    after held: Duration = .zero, using generator: inout some RandomNumberGenerator
  ) -> Duration {
    if held > Self.settled { failures = 0 }
    failures = min(failures + 1, Self.failuresMax)
    let ceiling = min(Self.delayMsMax, Self.delayMsMin << UInt64(failures))
    return .drawn(ofMs: Self.delayMsMin...ceiling, using: &generator)
  }
}
