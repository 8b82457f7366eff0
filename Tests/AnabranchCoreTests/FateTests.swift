import AnabranchCore
import AnabranchTestSupport
import SeededRandom
import Testing

/// What became of things that were done says the same as the types that merge them.
@Suite struct FateTests {
  /// Writes in a random order of causes, in which a clock may go back, some of them taken back.
  private struct Writes {
    var all: [MultiValueRegister.Replacing] = []
    var withdrawals: [OperationID: OperationID] = [:]

    init(_ random: inout RandomStream) {
      for number in 0..<random.number(in: 1...9) {
        let write = MultiValueRegister.Write(
          operation: operation(UInt64(random.number(in: 1...3)), UInt32(number + 1)),
          time: HybridTime(rawValue: UInt64(random.number(in: 1...4))))
        let predecessors = all.filter { _ in random.chance(1, in: 3) }.map(\.write.operation)
        all.append(.init(write, predecessors: predecessors))
        if random.chance(1, in: 4) { withdrawals[write.operation] = operation(9, UInt32(number + 1)) }
      }
    }

    /// All that a write had seen, directly or not.
    func past(of write: OperationID) -> Set<OperationID> {
      let predecessors = all.first { $0.write.operation == write }?.predecessors ?? []
      return predecessors.reduce(into: Set(predecessors)) { $0.formUnion(past(of: $1)) }
    }
  }

  @Test(arguments: 0..<400) func writesFareAsTheRegisterSays(seed: UInt64) throws {
    var random = RandomStream(seed: seed)
    let writes = Writes(&random)
    let fates = Fate.ofWrites(writes.all, withdrawals: writes.withdrawals)
    let register = MultiValueRegister(writes.all, without: Set(writes.withdrawals.keys))
    #expect(Set(fates.keys) == Set(writes.all.map(\.write.operation)))
    for write in writes.all.map(\.write) {
      let fate = try #require(fates[write.operation])
      switch fate {
      case .stands: #expect(register.winner == write)
      case .outranked(let by, let tiebreak):
        let winner = try #require(register.winner)
        #expect(register.live.dropFirst().contains(write) && winner.operation == by)
        #expect((tiebreak == .time) == (winner.time > write.time))
        #expect((tiebreak == .log) == (winner.time == write.time && by.log > write.operation.log))
      case .replaced(let by):
        #expect(writes.past(of: by).contains(write.operation) && writes.withdrawals[by] == nil)
        #expect(writes.withdrawals[write.operation] == nil)
      case .withdrawn(let by): #expect(writes.withdrawals[write.operation] == by)
      case .overtaken, .yields: Issue.record("a write is \(fate)")
      }
      if case .replaced = fate { #expect(!register.live.contains(write)) }
    }
  }

  @Test(arguments: 0..<400) func deletionsFareAsTheySay(seed: UInt64) throws {
    var random = RandomStream(seed: seed)
    let logs = (1...random.number(in: 1...4)).map { UInt64($0) }
    let activity = logs.map { log in
      (
        operation: operation(log, UInt32(random.number(in: 1...6))),
        time: HybridTime(rawValue: UInt64(random.number(in: 1...3)))
      )
    }
    let deletions = (1...random.number(in: 1...4)).map { number in
      Deletion(
        operation: operation(9, UInt32(number)),
        seen: VersionVector(logs.map { (operation($0, 1).log, UInt32(random.number(in: 2...6))) }))
    }
    let fates = Fate.ofDeletions(deletions, activity: activity)
    #expect(Set(fates.keys) == Set(deletions.map(\.operation) + activity.map(\.operation)))
    let isHidden = Deletion.hides(deletions, activity: activity.map(\.operation))
    #expect(deletions.contains { fates[$0.operation] == .stands } == isHidden)
    #expect(activity.contains { fates[$0.operation] == .stands } != isHidden)
    for deletion in deletions {
      guard case .overtaken(let by) = fates[deletion.operation] else { continue }
      #expect(!deletion.covers(by) && activity.contains { $0.operation == by })
    }
    for done in activity {
      guard case .replaced(let by) = fates[done.operation] else { continue }
      #expect(deletions.contains { $0.operation == by && $0.covers(done.operation) })
    }
  }

  @Test(arguments: 0..<200) func elementsFareAsTheSetSays(seed: UInt64) throws {
    var random = RandomStream(seed: seed)
    let additions = (1...random.number(in: 1...5)).map { operation(1, UInt32($0)) }
    let removals = (1...random.number(in: 1...5)).map { number in
      (operation: operation(2, UInt32(number)), additions: additions.filter { _ in random.chance(1, in: 3) })
    }
    let all = additions + removals.map(\.operation)
    let withdrawals = Dictionary(
      all.filter { _ in random.chance(1, in: 5) }.map { ($0, operation(3, 1)) }
    ) { first, _ in first }
    let fates = Fate.ofElement(additions: additions, removals: removals, withdrawals: withdrawals)
    var set = AddWinsSet<Int>()
    for addition in additions where withdrawals[addition] == nil { set.add(0, by: addition) }
    for removal in removals where withdrawals[removal.operation] == nil { set.remove(removal.additions) }
    for addition in additions {
      #expect((fates[addition] == .stands) == set.stands(addition))
      guard case .replaced(let by)? = fates[addition] else { continue }
      let removal = try #require(removals.first { $0.operation == by })
      #expect(removal.additions.contains(addition) && withdrawals[by] == nil)
    }
    for removal in removals where withdrawals[removal.operation] == nil {
      #expect((fates[removal.operation] == .stands) == set.elements.isEmpty)
      guard case .overtaken(let by)? = fates[removal.operation] else { continue }
      #expect(set.stands(by) && !removal.additions.contains(by))
    }
  }
}
