/// A machine's wall clock: it starts wrong, drifts, and is set forth and back.
struct HostClock {
  /// Milliseconds since 1970 when the run begins, for a clock that is right: November 2023.
  static let epochMs: Int64 = 1_700_000_000_000

  /// A clock is off by that much at most: some thousand years.
  static let offsetMsMax: Int64 = 100_000_000_000_000

  /// How far it is off, in milliseconds.
  var offsetMs: Int64 = 0
  /// Milliseconds it gains in a million.
  var driftPpm: Int64 = 0
  /// What it shows while it stands still.
  var frozenMs: Int64?

  /// What it shows, in milliseconds since 1970; never before it.
  func reading(at now: VirtualTime) -> Int64 {
    if let frozenMs { return frozenMs }
    return max(0, Self.epochMs + now.milliseconds + offsetMs + now.milliseconds / 1_000 * driftPpm / 1_000)
  }
}
