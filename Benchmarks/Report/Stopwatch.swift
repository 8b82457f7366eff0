internal import Foundation

/// How long something took, in seconds: on the clock, and of this process's work, the kernel's for it included.
struct Lap {
  var wall: Double
  var cpu: Double

  static func += (sum: inout Lap, lap: Lap) {
    sum.wall += lap.wall
    sum.cpu += lap.cpu
  }

  /// What each of `count` took.
  static func / (lap: Lap, count: Double) -> Lap {
    Lap(wall: lap.wall / count, cpu: lap.cpu / count)
  }
}

/// Measures from when it was made.
struct Stopwatch {
  private let wall = ContinuousClock.now
  private let cpu = Self.processorSeconds()

  func lap() -> Lap {
    let elapsed = wall.duration(to: .now) / .seconds(1)
    return Lap(wall: elapsed, cpu: Self.processorSeconds() - cpu)
  }

  private static func processorSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1_000_000_000
  }
}
