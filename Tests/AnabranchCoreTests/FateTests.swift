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
      case .overtaken, .incomplete, .yields, .passedOver, .purged, .neutral, .uncounted:
        Issue.record("a write is \(fate)")
      }
      if case .replaced = fate { #expect(!register.live.contains(write)) }
    }
  }

  @Test(arguments: 0..<400) func deletionsFareAsTheySay(seed: UInt64) throws {
    var random = RandomStream(seed: seed)
    let logs = (1...random.number(in: 1...4)).map { UInt64($0) }
    // The last thing that each log did, and something before it, as a restore.
    let activity = logs.flatMap { log in
      Set((1...random.number(in: 1...2)).map { _ in UInt32(random.number(in: 1...6)) }).sorted().map { number in
        (operation: operation(log, number), time: HybridTime(rawValue: UInt64(random.number(in: 1...3))))
      }
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
    for done in activity.map(\.operation) {
      #expect((fates[done] == .stands) == Self.decides(done, against: deletions, among: activity.map(\.operation)))
    }
    for deletion in deletions {
      guard case .overtaken(let by) = fates[deletion.operation] else { continue }
      #expect(!deletion.covers(by) && activity.contains { $0.operation == by })
      #expect(isHidden || fates[by] == .stands)
    }
    for done in activity {
      guard case .replaced(let by) = fates[done.operation] else { continue }
      #expect(deletions.contains { $0.operation == by && $0.covers(done.operation) })
    }
    // What undid a deletion is told in place of what else that had not seen; one that hides has not been undone.
    let undo = activity[0].operation
    let restored = Fate.ofDeletions(deletions, restored: [deletions[0].operation: undo], activity: activity)
    let isUndone = !deletions[0].covers(undo)
    #expect(restored[deletions[0].operation] == (isUndone ? .withdrawn(by: undo) : fates[deletions[0].operation]))
    #expect(restored.filter { $0.key != deletions[0].operation } == fates.filter { $0.key != deletions[0].operation })
    // So is who had seen it, of all that it had not.
    let answered = Fate.ofDeletions(deletions, answers: [deletions[0].operation: [undo]], activity: activity)
    #expect(answered[deletions[0].operation] == (isUndone ? .replaced(by: undo) : fates[deletions[0].operation]))
    #expect(answered.filter { $0.key != deletions[0].operation } == fates.filter { $0.key != deletions[0].operation })
    // And of these the first restore, whatever was done after it.
    let all = Set(activity.map(\.operation))
    let named = Fate.ofDeletions(
      deletions, answers: [deletions[0].operation: all], activity: activity, restores: [undo])
    let last = activity.filter { !deletions[0].covers($0.operation) }
      .max { ($0.time, $0.operation) < ($1.time, $1.operation) }?.operation
    #expect(named[deletions[0].operation] == (isUndone ? undo : last).map { .replaced(by: $0) } ?? .stands)
  }

  /// Whether there is a part of what was done that brings the conversation back, and without `one` does not: tries all parts.
  private static func decides(
    _ one: OperationID, against deletions: [Deletion], among activity: [OperationID]
  ) -> Bool {
    let others = activity.filter { $0 != one }
    return (0..<(1 << others.count)).contains { choice in
      let part = others.indices.filter { choice >> $0 & 1 == 1 }.map { others[$0] }
      return Deletion.hides(deletions, activity: part) && !Deletion.hides(deletions, activity: part + [one])
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

  @Test(arguments: 0..<400) func messagesFareAsWithdrawalsSay(seed: UInt64) throws {
    var random = RandomStream(seed: seed)
    let bases = try (1...random.number(in: 1...3)).map { number in
      ImportPrecedence(
        updated: random.chance(1, in: 3) ? nil : Int64(random.number(in: 1...2)),
        content: try #require(Digest([UInt8](repeating: UInt8(random.number(in: 1...2)), count: 32))),
        operation: operation(UInt64(number), 1))
    }
    let names = bases.map(\.operation)
    let activity = (1...random.number(in: 1...3)).map { log in
      (
        operation: operation(UInt64(log), UInt32(random.number(in: 2...6))),
        time: HybridTime(rawValue: UInt64(random.number(in: 1...3)))
      )
    }.filter { _ in random.chance(2, in: 3) }
    let withdrawals = (0..<random.number(in: 0...3)).map { number in
      Withdrawal(
        operation: operation(9, UInt32(number + 1)),
        seen: VersionVector((1...3).map { (operation($0, 1).log, UInt32(random.number(in: 1...7))) }),
        operations: names.filter { _ in random.chance(2, in: 3) })
    }
    let followers = (0..<random.number(in: 0...2)).map { operation(8, UInt32($0 + 1)) }
      .filter { _ in random.chance(1, in: 2) }
    let fates = Fate.ofMessage(bases, withdrawals: withdrawals, activity: activity, followers: followers)

    let isTakenBack = Withdrawal.hide(withdrawals, bases: names, activity: activity.map(\.operation))
    let isHidden = isTakenBack && followers.isEmpty
    let ending = withdrawals.filter { $0.operations.contains(where: names.contains) }
    let taken = Set(ending.flatMap(\.operations))
    let winner = try #require(ImportPrecedence.winner(of: bases, without: taken))
    #expect((fates[winner.operation] == .stands) == !isHidden)
    #expect(names.count { fates[$0] == .stands } == (isHidden ? 0 : 1))
    for name in names where name != winner.operation {
      switch fates[name] {
      case .withdrawn(let by): #expect(ending.contains { $0.operation == by && $0.operations.contains(name) })
      case .passedOver(let by, _): #expect(by == winner.operation && !taken.contains(name))
      default: Issue.record("an import is \(String(describing: fates[name]))")
      }
    }
    for withdrawal in ending {
      switch fates[withdrawal.operation] {
      case .stands: #expect(isHidden)
      case .overtaken(let by):
        #expect(!isHidden)
        let isAhead = activity.contains { $0.operation == by } && !ending.contains { $0.covers(by) }
        #expect(isAhead || isTakenBack && followers.contains(by))
        #expect(taken.isSuperset(of: names))
      case .incomplete(let by): #expect(by == winner.operation && !taken.contains(by))
      default: Issue.record("an undo is \(String(describing: fates[withdrawal.operation]))")
      }
    }
    for done in activity where !ending.isEmpty {
      let isAhead = !ending.contains { $0.covers(done.operation) }
      #expect((fates[done.operation] == .stands) == isAhead)
    }
    #expect(followers.allSatisfy { (fates[$0] == .stands) == !ending.isEmpty })
  }

  @Test func importsAreToldApartByWhatDecides() throws {
    func one(_ updated: Int64?, _ content: UInt8, _ log: UInt64, _ sequence: UInt32 = 1) throws -> ImportPrecedence {
      ImportPrecedence(
        updated: updated, content: try #require(Digest([UInt8](repeating: content, count: 32))),
        operation: operation(log, sequence))
    }
    let imports = try [one(nil, 9, 9), one(7, 1, 3), one(7, 2, 1), one(7, 2, 2), one(7, 2, 2, 2)]
    let winner = imports[4].operation
    let fates = Fate.ofImports(imports)
    #expect(
      imports.map { fates[$0.operation] } == [
        .passedOver(for: winner, .source), .passedOver(for: winner, .content), .passedOver(for: winner, .log),
        .passedOver(for: winner, .place), .stands,
      ])
    // One that is taken back gives way to the next one, but where all are.
    let undo = operation(5, 1)
    let second = Fate.ofImports(imports, withdrawals: [winner: undo])
    #expect(second[winner] == .withdrawn(by: undo) && second[imports[3].operation] == .stands)
    let all = Fate.ofImports(
      imports, withdrawals: Dictionary(uniqueKeysWithValues: imports.map { ($0.operation, undo) }))
    #expect(all[winner] == .stands && all[imports[0].operation] == .withdrawn(by: undo))
  }
}
