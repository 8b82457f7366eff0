/// Gives timestamps that strictly increase and follow everything seen, as far as what was seen can be true.
///
/// A value: the wall clock's reading comes in as `wall`, milliseconds since 1970.
public struct HybridClock: Sendable, Equatable {
  /// The last timestamp given or taken over.
  public private(set) var latest: HybridTime

  /// A clock that goes on after `latest`.
  public init(latest: HybridTime = .zero) {
    self.latest = latest
  }

  /// How far ahead of the wall clock another device's timestamp may be to be believed: five minutes, well above
  /// what unsynchronised clocks of one person's devices differ by, well below what would confuse a reader.
  public static let driftMsMax: Int64 = 5 * 60 * 1000

  /// A timestamp after every one before it.
  ///
  /// More than 65,536 in one millisecond carry into the milliseconds, so the counter never wraps. At the end of
  /// time it stays at the last timestamp there is.
  public mutating func tick(wall: Int64) -> HybridTime {
    let now = HybridTime(milliseconds: wall, counter: 0)
    let (next, overflow) = latest.rawValue.addingReportingOverflow(1)
    latest = max(now, overflow ? latest : HybridTime(rawValue: next))
    return latest
  }

  /// Takes note of another device's timestamp, and says whether it was believed.
  ///
  /// One that is ahead of `wall` by more than ``driftMsMax`` leaves the clock where it is: a device that
  /// believes in 2099 cannot take the others along.
  @discardableResult
  public mutating func observe(_ remote: HybridTime, wall: Int64) -> Bool {
    guard remote > latest else { return true }
    let (bound, overflow) = wall.addingReportingOverflow(Self.driftMsMax)
    guard overflow || remote.milliseconds <= bound else { return false }
    latest = remote
    return true
  }
}
