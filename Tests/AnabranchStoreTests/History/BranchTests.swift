import AnabranchCore
import SeededRandom
import Testing

@testable import AnabranchStore

/// Copies of one database that write the same log: whoever holds both branches holds the same state, and nothing is lost.
@Suite("Branches of forked logs")
struct BranchTests {
  @Test("Copies of copies agree on everything", arguments: UInt64(0)..<40)
  func agreement(seed: UInt64) throws {
    var fleet = try Fleet(seed: seed)
    for _ in 0..<2 { try fleet.add() }
    for _ in 0..<fleet.random.number(in: 20...60) {
      let number = fleet.random.below(fleet.authors.count)
      switch fleet.random.below(8) {
      case 0 where fleet.authors.count < 5: try fleet.copy(number)
      case 1:
        let other = fleet.random.below(fleet.authors.count)
        if other != number { try fleet.pull(number, from: other) }
      default: try fleet.write(number)
      }
    }
    let count = fleet.authors.count
    for _ in 0..<2 {
      for number in 1..<count { try fleet.pull(0, from: number) }
      for number in 1..<count { try fleet.pull(number, from: 0) }
    }
    let expected = try fleet.authors[0].store.stateHash()
    #expect(fleet.authors[0].store.heads.contains { $0.header.isBranch && $0.head.sequence > 0 })
    for author in fleet.authors {
      #expect(author.store.vector == fleet.authors[0].store.vector)
      #expect(author.store.logHash == fleet.authors[0].store.logHash)
      #expect(try author.store.stateHash() == expected)
      #expect(author.store.provable == author.store.vector)
      #expect(try author.store.verify(scratch: fleet.folder.file("scratch")).faults == [])
      #expect(author.store.branches.branches(after: author.store.ownLog ?? LogID(.init(high: 0, low: 0))).isEmpty)
      var texts: Set<String> = []
      let all = try author.store.conversations() + author.store.conversations(trashed: true)
      for conversation in all {
        for message in try author.store.conversation(conversation.id)?.messages ?? [] {
          let words = message.content?.text.split(separator: " ").prefix(3) ?? []
          texts.insert(words.joined(separator: " "))
        }
      }
      #expect(fleet.said.isSubset(of: texts), "\(fleet.said.subtracting(texts))")
      try author.store.rebuildViews()
      #expect(try author.store.stateHash() == expected)
    }
  }
}
