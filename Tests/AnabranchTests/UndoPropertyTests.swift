import Anabranch
import SeededRandom
import Testing

@Suite("Undoing anything") struct UndoPropertyTests {
  @Test("On a replica alone it restores what was seen before, and undoing that what was seen after", arguments: 0..<8)
  func exactly(seed: Int) async throws {
    try await withDevices { laptop, _, _ in
      try await laptop.undoEverythingDone(acts: 60, seed: UInt64(seed))
    }
  }

  @Test("One after the other, the last first, everything goes", arguments: 0..<6)
  func everything(seed: Int) async throws {
    try await withDevices { laptop, phone, _ in
      let states = try await laptop.doAndRemember(acts: 40, seed: UInt64(seed))
      for state in states.dropLast().reversed() {
        try await laptop.undoLast()
        #expect(try await laptop.visible() == state)
      }
      #expect(try await laptop.lastAction() == nil)
      try await syncAll(laptop, phone)
      #expect(try await phone.conversations().isEmpty)
    }
  }
}

extension Replica {
  /// Does something, undoes it, undoes that, and mostly goes on from there; each must show what was shown before.
  fileprivate func undoEverythingDone(acts: Int, seed: UInt64) throws {
    var acting = RandomActs(random: RandomStream(seed: seed))
    for number in 0..<acts {
      let before = try visible()
      let held = try status().vector
      guard let what = try acting.act(on: self), try status().vector != held else { continue }
      let after = try visible()
      let action = try last()
      guard after != before else { continue }
      let context: Comment = "act \(number) of seed \(seed): \(what)"
      let back = try undo(action)
      #expect(back.remaining == [], context)
      #expect(try visible() == before, context)
      guard let name = back.undo else { continue }
      try undo(self.action(name))
      #expect(try visible() == after, context)
      guard acting.random.chance(1, in: 2) else { continue }
      // By taking back the action once more, or what brought it back.
      try undo(acting.random.chance(1, in: 2) ? action : last())
      #expect(try visible() == before, "again, \(context)")
    }
  }

  /// What is seen before each of a number of acts, and after the last.
  fileprivate func doAndRemember(acts: Int, seed: UInt64) throws -> [[VisibleConversation]] {
    var acting = RandomActs(random: RandomStream(seed: seed))
    var states = [try visible()]
    for _ in 0..<acts {
      let count = try actions(limit: 1_000).actions.count { $0.isUndoable && $0.undoes.isEmpty }
      _ = try acting.act(on: self)
      if try actions(limit: 1_000).actions.count(where: { $0.isUndoable && $0.undoes.isEmpty }) > count {
        states.append(try visible())
      }
    }
    return states
  }
}
