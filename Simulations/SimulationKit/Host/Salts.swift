internal import SeededRandom

/// Salts and names, from the run's seed.
final class Salts: @unchecked Sendable {
  private var random: RandomStream

  init(_ random: RandomStream) {
    self.random = random
  }

  func next() -> UInt64 {
    random.next()
  }
}
