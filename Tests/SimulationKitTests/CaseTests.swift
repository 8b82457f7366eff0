import SimulationKit
import Testing

@Suite("Cases and their files")
struct CaseTests {
  private static let small = "hosts=3 actions=30 minutes=5 kills=2 flaps=1"

  @Test("A case is read as it was written", arguments: UInt64(0)..<20)
  func roundTrip(seed: UInt64) throws {
    var drawn = Case(seed: seed)
    drawn.withoutActions = NumberSet([1, 2, 3, 7])
    drawn.withoutFaults = NumberSet(seed.isMultiple(of: 2) ? [] : [0])
    drawn.withoutHosts = NumberSet([2])
    let text = drawn.lines.joined(separator: "\n") + "\ncommit = abc\n# a comment = 1\ncause = x = y\n"
    #expect(try Case(parsing: text) == drawn)
  }

  @Test("A case that is written out is read as it was written, and is the same run", arguments: UInt64(2)..<5)
  func writtenOut(seed: UInt64) throws {
    let options = try #require(Options(parsing: Self.small))
    var drawn = Case(seed: seed, options: options)
    drawn.withoutActions = NumberSet([0, 4])
    let text = drawn.writtenOut.lines.joined(separator: "\n") + "\ncommit = abc\ncause = it was so # and so\n"
    let read = try Case(parsing: text)
    #expect(read == drawn.writtenOut)
    let (first, second) = (Simulation(drawn).run(), Simulation(read).run())
    #expect(first.changes == second.changes && first.events == second.events && first.span == second.span)
  }

  @Test("What is no case is refused, in words")
  func unreadable() {
    for text in [
      "", "seed = x", "seed = 1\noptions = hosts", "seed = 1\noptions = hosts=1", "seed = 1\noptions = nobody=2",
      "seed = 1\nwithout actions = 3-1", "seed = 1\nseed = 2", "seed = 1\noptions = actions=99999999",
      "seed = 1\nwithout acts = 3", "seed = 1\nnonsense", "seed = 1\nwithout hosts = 0-1",
      "seed = 1\nmachines = 2\nspan = 60\naction = 1 5 say 3",
      "seed = 1\nmachines = 2\nspan = 60\nfault = 1 0 hail 3 4",
    ] {
      #expect(throws: Case.Unreadable.self) { try Case(parsing: text) }
    }
  }

  @Test("Numbers print as ranges", arguments: [([], ""), ([3], "3"), ([1, 2, 3, 7], "1-3,7"), ([0, 2], "0,2")])
  func numbers(list: [Int], text: String) {
    #expect(NumberSet(list).description == text)
    #expect(NumberSet(parsing: text) == NumberSet(list))
  }

  @Test("Leaving an action out changes nothing about the others")
  func plansAreStable() {
    let options = Options(seed: 4)
    #expect(Plan(seed: 4, options: options).actions == Plan(seed: 4, options: options).actions)
    var lower = options
    lower[.lossPpm] = 0
    #expect(Plan(seed: 4, options: lower).actions == Plan(seed: 4, options: options).actions)
    #expect(Plan(seed: 4, options: lower).faults == Plan(seed: 4, options: options).faults)
  }
}

@Suite("Shrinking")
struct ShrinkerTests {
  @Test("What a failure needs stays, and all else goes")
  func shrinks() throws {
    let start = Case(seed: 3, options: .stress)
    var shrinker = try #require(
      Shrinker(start) { candidate in
        // Fails as long as two actions and a fault are there, on a lossy network.
        let needed =
          !candidate.withoutActions.contains(5) && !candidate.withoutActions.contains(40)
          && !candidate.withoutFaults.contains(2) && candidate.options[.lossPpm] > 10
        return needed ? .convergence : nil
      })
    shrinker.shrink()
    let plan = Plan(seed: 3, options: start.options)
    #expect(shrinker.smallest.withoutActions.count == plan.actions.count - 2)
    #expect(shrinker.smallest.withoutFaults.count == plan.faults.count - 1)
    #expect(shrinker.smallest.withoutHosts.count == plan.hosts - 2)
    #expect((11...20).contains(shrinker.smallest.options[.lossPpm]))
    #expect(shrinker.smallest.options[.busyPpm] == 0)
  }

  @Test("What does not fail is not shrunk, and another failure does not count")
  func otherFailures() throws {
    #expect(Shrinker(Case(seed: 1)) { _ in nil } == nil)
    var calls = 0
    var shrinker = try #require(
      Shrinker(Case(seed: 1)) { _ in
        calls += 1
        return calls == 1 ? .convergence : .equalsOracle
      })
    shrinker.shrink()
    #expect(shrinker.smallest == Case(seed: 1))
  }
}
