import AnabranchCore
import AnabranchWire
import Foundation
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

  @Test("A purge that waits for its day is carried out, though its log was cut meanwhile")
  func waitingPurge() throws {
    var fleet = try Fleet(seed: 3)
    try fleet.add()
    try fleet.add()
    let secret = "qzvxkqjwzqkxvj"
    let conversation = try fleet.authors[0].start("Trip")
    try fleet.pull(1, from: 0)
    try fleet.copy(0)
    let message = try fleet.authors[0].say("the word is \(secret)", in: conversation)
    try fleet.pull(1, from: 0)
    while try fleet.authors[1].store.indexStep() {}
    let purge = Draft(kind: .purge, target: message, mutation: .purge(Purge(isImmediate: false)))
    try fleet.authors[0].store.write([purge], wall: fleet.authors[0].wall)
    try fleet.pull(1, from: 0)
    let (store, wall) = (fleet.authors[1].store, fleet.authors[1].wall)
    while try store.eraseStep(wall: wall) == .more {}
    let day = try #require(try store.nextErasure())

    // The copy goes on where the purge was written.
    try fleet.authors[2].say("words of the copy", in: conversation)
    try fleet.pull(1, from: 2)
    let log = try #require(fleet.authors[2].store.ownLog)
    #expect(store.branches.branches(after: log).count == 2)
    #expect(try store.nextErasure() == day)
    while try store.indexStep() {}
    let due = wall + 3 * Purge.graceMs
    while try store.eraseStep(wall: due) == .more {}
    while try store.eraseStep(wall: due + Purge.graceMs) == .more {}
    #expect(try store.nextErasure() == nil)
    #expect(try store.verify(scratch: fleet.folder.file("scratch")).faults == [])
    try store.close()
    let bytes = try Data(contentsOf: URL(filePath: store.path))
    #expect(bytes.range(of: Data(secret.utf8)) == nil)
  }
}
