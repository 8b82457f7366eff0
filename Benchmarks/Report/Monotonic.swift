internal import Foundation

/// A clock that all processes of a machine share and nobody sets.
enum Monotonic {
  /// Seconds since some moment in the past.
  static func seconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1_000_000_000
  }
}
