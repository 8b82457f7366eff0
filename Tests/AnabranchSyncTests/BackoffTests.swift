import AnabranchSync
import SeededRandom
import Testing

@Suite struct BackoffTests {
  @Test func delaysGrowUpToAMinuteAndStartOver() {
    var generator = RandomStream(seed: 1)
    var longest = Duration.zero
    var grownOn = 0
    for _ in 0..<2_000 {
      var backoff = Backoff()
      for failure in 1...30 {
        let delay = backoff.failed(using: &generator)
        let ceiling = min(Backoff.delayMax, Backoff.delayMin * (1 << min(failure, 10)))
        #expect(delay >= Backoff.delayMin && delay <= ceiling)
        longest = max(longest, delay)
      }
      var other = backoff
      #expect(backoff.failed(after: Backoff.settled + .seconds(1), using: &generator) <= Backoff.delayMin * 2)
      if other.failed(after: Backoff.settled, using: &generator) > Backoff.delayMin * 2 { grownOn += 1 }
    }
    #expect(longest > .seconds(59))
    #expect(grownOn > 1_900, "a session that held for a moment only does not count")
    #expect(longest <= Backoff.delayMax)
  }

  @Test func delaysAreSpreadEvenly() {
    var generator = RandomStream(seed: 2)
    var sum = Duration.zero
    for _ in 0..<10_000 {
      var backoff = Backoff()
      for _ in 0..<9 { _ = backoff.failed(using: &generator) }
      sum += backoff.failed(using: &generator)
    }
    let mean = sum / 10_000
    #expect(mean > .milliseconds(29_500) && mean < .milliseconds(30_750), "\(mean)")
  }

  @Test func theSameSeedGivesTheSameDelays() {
    func delays() -> [Duration] {
      var generator = RandomStream(seed: 3)
      var backoff = Backoff()
      return (0..<10).map { _ in backoff.failed(using: &generator) }
    }
    #expect(delays() == delays())
  }

  @Test func theExtremesStayInRange() {
    struct Constant: RandomNumberGenerator {
      var value: UInt64
      mutating func next() -> UInt64 { value }
    }
    for value in [UInt64.min, .max] {
      var generator = Constant(value: value)
      var backoff = Backoff()
      for _ in 0..<20 {
        let delay = backoff.failed(using: &generator)
        #expect((Backoff.delayMin...Backoff.delayMax).contains(delay))
      }
    }
  }
}
