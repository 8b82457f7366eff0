internal import struct Foundation.Date

/// Where a replica takes time and randomness from, so that a test can give it others.
public struct Surroundings: Sendable {
  /// The wall clock's reading, milliseconds since 1970.
  public var wall: @Sendable () -> Int64
  /// Sixty-four random bits that nobody can guess: salts, names and the keys of connections are made of them.
  public var random: @Sendable () -> UInt64
  /// A clock that never goes back, for pauses and deadlines.
  public var uptime: @Sendable () -> Duration

  /// Surroundings of those three.
  public init(
    wall: @escaping @Sendable () -> Int64, random: @escaping @Sendable () -> UInt64,
    uptime: @escaping @Sendable () -> Duration
  ) {
    self.wall = wall
    self.random = random
    self.uptime = uptime
  }

  private static let start = ContinuousClock.now
  private static let generator = SystemRandom()

  /// The machine's own clocks and generator.
  public static let system = Surroundings(
    wall: { Int64(Date().timeIntervalSince1970 * 1000) },
    random: { generator.next() },
    uptime: { start.duration(to: .now) })
}

/// The generator of a replica's surroundings.
struct SurroundingsGenerator: RandomNumberGenerator {
  let surroundings: Surroundings

  func next() -> UInt64 {
    surroundings.random()
  }
}
