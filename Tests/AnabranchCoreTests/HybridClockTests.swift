import AnabranchCore
import AnabranchTestSupport
import SeededRandom
import Testing

@Suite("The hybrid clock")
struct HybridClockTests {
  @Test("Its timestamps strictly increase, whatever the wall clock does", arguments: UInt64(0)..<10)
  func strictlyIncreasing(seed: UInt64) {
    var random = RandomStream(seed: seed)
    var clock = HybridClock()
    var wall: Int64 = 1_700_000_000_000
    var last = HybridTime.zero
    for _ in 0..<2_000 {
      switch random.number(in: 0...9) {
      case 0: wall -= Int64(random.number(in: 0...100_000_000))
      case 1...3: wall += Int64(random.number(in: 0...5_000))
      case 4:
        let before = clock.latest
        let remote = HybridTime(
          milliseconds: wall + Int64(random.number(in: -1_000_000...1_000_000)), counter: .max)
        let isBelievable = remote <= before || remote.milliseconds <= wall + HybridClock.driftMsMax
        let wasBelieved = clock.observe(remote, wall: wall)
        #expect(wasBelieved == isBelievable)
        #expect(clock.latest == (isBelievable ? max(before, remote) : before))
      default:
        let next = clock.tick(wall: wall)
        #expect(next > last && next == clock.latest)
        #expect(next.milliseconds >= wall)
        last = next
      }
    }
  }

  @Test("A timestamp taken over is before the next one given")
  func followsWhatItSaw() {
    var clock = HybridClock()
    let remote = HybridTime(milliseconds: 1_000 + HybridClock.driftMsMax, counter: 7)
    let wasBelieved = clock.observe(remote, wall: 1_000)
    let next = clock.tick(wall: 1_000)
    #expect(wasBelieved)
    #expect(next == HybridTime(milliseconds: 1_000 + HybridClock.driftMsMax, counter: 8))
  }

  @Test("One millisecond past the bound is not believed and moves nothing")
  func driftBound() {
    var clock = HybridClock(latest: HybridTime(milliseconds: 500, counter: 0))
    let beyond = clock.observe(
      HybridTime(milliseconds: 1_001 + HybridClock.driftMsMax, counter: 0), wall: 1_000)
    #expect(!beyond && clock.latest == HybridTime(milliseconds: 500, counter: 0))
    let within = clock.observe(
      HybridTime(milliseconds: 1_000 + HybridClock.driftMsMax, counter: .max), wall: 1_000)
    #expect(within)
  }

  @Test("A full counter carries into the milliseconds")
  func counterCarries() {
    var clock = HybridClock(latest: HybridTime(milliseconds: 9, counter: .max))
    let next = clock.tick(wall: 3)
    #expect(next == HybridTime(milliseconds: 10, counter: 0))
  }

  @Test("At the end of time it stays, and no wall clock makes it trap")
  func endOfTime() {
    var clock = HybridClock(latest: HybridTime(rawValue: .max - 1))
    for _ in 0..<2 {
      let next = clock.tick(wall: .max)
      #expect(next == HybridTime(rawValue: .max))
    }
    for wall in [Int64.min, -1, 0, .max] {
      var fresh = HybridClock()
      _ = fresh.observe(HybridTime(rawValue: .max), wall: wall)
      let next = fresh.tick(wall: wall)
      #expect(next > .zero)
    }
  }

  @Test("Milliseconds are cut to what a timestamp holds")
  func bounds() {
    #expect(HybridTime(milliseconds: -5, counter: 3) == HybridTime(rawValue: 3))
    #expect(HybridTime(milliseconds: .max, counter: 0).milliseconds == HybridTime.millisecondsMax)
    #expect(HybridTime(milliseconds: 77, counter: 5).counter == 5)
  }
}
