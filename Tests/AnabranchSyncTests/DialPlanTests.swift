import AnabranchCore
import AnabranchSync
import SeededRandom
import Testing

/// Who dials whom, and when, of devices that were found.
@Suite struct DialPlanTests {
  private typealias Plan = DialPlan<String>

  private static func device(_ number: UInt64) -> Digest {
    Digest(head: Bytes16(high: number, low: 0), tail: Bytes16(high: 0, low: 0))
  }

  private let small = Self.device(1)
  private let great = Self.device(9)
  private var random = RandomStream(seed: 1)
  private var plan = Plan(own: Self.device(5))
  private var now = Duration.seconds(100)

  /// Whom it dials at that moment.
  private mutating func dials(at time: Duration) -> [String] {
    now = time
    return plan.dials(now: now).map(\.place)
  }

  private mutating func find(_ places: [Digest: [String]]) -> [Digest] {
    plan.found(places, now: now)
  }

  @Test mutating func theSmallerKeyDialsAtOnceTheOtherOneLater() {
    #expect(find([small: ["a"], great: ["b"], Self.device(5): ["own"]]) == [small, great])
    #expect(dials(at: now) == ["b"])
    #expect(plan.deadline == now + Plan.yieldMax)
    #expect(dials(at: now + Plan.yieldMax - .milliseconds(1)) == [])
    #expect(dials(at: now + .milliseconds(1)) == ["a"])
    #expect(plan.deadline == nil && dials(at: now + .seconds(1_000)) == [], "each is told of once")
  }

  @Test mutating func saysWhereADeviceIsDialledNext() {
    #expect(plan.dial(of: small) == nil)
    _ = find([small: ["a", "b"], great: ["c"]])
    let waiting = plan.dial(of: small)
    #expect(waiting?.place == "a" && waiting?.due == now + Plan.yieldMax)
    #expect(dials(at: now + Plan.yieldMax) == ["a", "c"])
    let dialled = plan.dial(of: small)
    #expect(dialled?.place == "a" && dialled?.due == nil)
    plan.dialled(small, held: .zero, now: now, using: &random)
    #expect(plan.dial(of: small)?.place == "b" && plan.dial(of: small)?.due != nil)
    plan.met(great)
    plan.dialled(great, held: .zero, now: now, using: &random)
    #expect(plan.dial(of: great) == nil, "there is a session with it")
  }

  @Test mutating func whoIsConnectedIsNotDialled() {
    plan.met(great)
    plan.met(small)
    _ = find([small: ["a"], great: ["b"]])
    #expect(dials(at: now + .seconds(60)) == [] && plan.deadline == nil)
    plan.met(great)
    plan.parted(great, now: now)
    #expect(plan.deadline == nil, "there is another session with it")
    plan.parted(great, now: now)
    // It was the other side that dialled: it may do so again.
    #expect(plan.deadline == now + Plan.yieldMax)
    plan.met(great)
    #expect(dials(at: now + .seconds(60)) == [])
    plan.parted(Self.device(77), now: now)
  }

  @Test mutating func allPlacesAreTriedAndThenAllAgainAfterAPause() {
    _ = find([great: ["a", "b", "c"]])
    for round in 0..<12 {
      for place in ["a", "b", "c"] {
        #expect(dials(at: max(now, plan.deadline ?? now)) == [place])
        let pause = plan.dialled(great, held: .zero, now: now, using: &random)
        #expect((pause > .zero) == (place == "c"))
        guard place == "c" else { continue }
        #expect(pause >= Backoff.delayMin && pause <= min(Backoff.delayMax, Backoff.delayMin * (2 << round)))
        #expect(dials(at: now + pause - .milliseconds(1)) == [])
      }
    }
  }

  @Test mutating func whereItWasMetItIsDialledFirstAgain() {
    _ = find([great: ["a", "b"]])
    #expect(dials(at: now) == ["a"])
    plan.met(great)
    plan.parted(great, now: now + .seconds(60))
    now += .seconds(60)
    let pause = plan.dialled(great, held: .seconds(60), now: now, using: &random)
    #expect(pause <= .milliseconds(500) && dials(at: now + pause) == ["a"])
  }

  @Test mutating func aNewPlaceIsTriedAtOnceButNotAllTheTime() {
    _ = find([great: ["a"]])
    for _ in 0..<8 {
      _ = dials(at: max(now, plan.deadline ?? now))
      plan.dialled(great, held: .zero, now: now, using: &random)
    }
    now += .milliseconds(1_500)
    #expect(find([great: ["b", "a"]]) == [], "it was found before")
    #expect(dials(at: now) == ["b"])
    plan.dialled(great, held: .zero, now: now, using: &random)
    // Somebody says all the time that it is elsewhere.
    var count = 0
    for number in 0..<1_000 {
      now += .milliseconds(10)
      _ = find([great: ["x\(number)", "a"]])
      for _ in plan.dials(now: now) {
        count += 1
        plan.dialled(great, held: .zero, now: now, using: &random)
      }
    }
    #expect((5...12).contains(count), "\(count) dials in ten seconds")
  }

  /// Somebody has recorded what a device announces, and says it again each second with other addresses.
  @Test mutating func whoMakesPlacesUpHasFewOfThemDialled() {
    var count = 0
    for second in 0..<300 {
      now = .seconds(second)
      _ = find([great: (0..<8).map { "\(second)-\($0)" }])
      for _ in 0..<20 {
        let due = dials(at: now)
        count += due.count
        for _ in due { plan.dialled(great, held: .zero, now: now, using: &random) }
        now += .milliseconds(49)
      }
    }
    #expect((15...60).contains(count), "\(count) dials in five minutes, of 2,400 places")
    // The device itself, once there was a session with it, is dialled at a new place at once.
    plan.met(great)
    plan.parted(great, now: now)
    now += .seconds(70)
    _ = find([great: ["home"]])
    #expect(dials(at: now) == ["home"])
    plan.met(great)
    plan.dialled(great, held: .seconds(60), now: now, using: &random)
    plan.parted(great, now: now)
    now += .seconds(2)
    _ = find([great: ["away"]])
    #expect(dials(at: now) == ["away"])
  }

  @Test mutating func whoHasMovedItselfTriesAgainAtOnce() {
    _ = find([great: ["a"]])
    for _ in 0..<8 {
      now = max(now, plan.deadline ?? now)
      _ = dials(at: now)
      plan.dialled(great, held: .zero, now: now, using: &random)
    }
    #expect(dials(at: now + .seconds(1)) == [])
    now += .seconds(1)
    plan.moved(now: now)
    #expect(dials(at: now) == ["a"])
  }

  @Test mutating func whoIsFoundNoMoreIsDialledNoMore() {
    _ = find([great: ["a"]])
    #expect(find([:]) == [] && plan.deadline == nil && dials(at: now + .seconds(99)) == [])
    #expect(find([great: ["a"]]) == [great], "it is found anew")
    #expect(dials(at: now) == ["a"])
    _ = find([:])
    #expect(plan.dialled(great, held: .zero, now: now, using: &random) >= .zero)
    #expect(plan.deadline == nil)
    // A place that is gone is not tried any more.
    _ = find([great: ["a", "b", "c"]])
    _ = find([great: ["c"]])
    #expect(dials(at: now + .seconds(5)) == ["c"])
  }

  /// Two devices that hear of each other at any moment, and whose connections take some time: they meet, and nearly always once.
  @Test func twoMeetByOneConnection() {
    var connections = 0
    for seed in 0..<200 as Range<UInt64> {
      var random = RandomStream(seed: seed)
      let devices = [Self.device(1), Self.device(2)]
      var plans = devices.map(Plan.init)
      var arrivals: [Duration] = []
      let heard = [random, random].indices.map { _ in Duration.milliseconds(random.below(4_000)) }
      for millisecond in stride(from: 0, to: 10_000, by: 20) {
        let now = Duration.milliseconds(millisecond)
        for due in arrivals where due <= now {
          connections += 1
          for index in 0...1 { plans[index].met(devices[1 - index]) }
          arrivals.removeAll { $0 == due }
        }
        for index in 0...1 {
          if heard[index] <= now { _ = plans[index].found([devices[1 - index]: ["there"]], now: now) }
          for _ in plans[index].dials(now: now) { arrivals.append(now + .milliseconds(random.number(in: 1...200))) }
        }
      }
    }
    #expect(connections >= 200 && connections <= 210, "\(connections) connections of 200 pairs")
  }
}
