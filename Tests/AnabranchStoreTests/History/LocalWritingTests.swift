import AnabranchCore
import AnabranchTestSupport
import AnabranchWire
import SeededRandom
import Testing

@testable import AnabranchStore

@Suite("Devices that write, stream and meet")
struct LocalWritingTests {
  @Test(
    "What devices wrote is what the oracle reads, also after each was closed and opened",
    arguments: UInt64(0)..<50)
  func devices(seed: UInt64) throws {
    let folder = try TemporaryFolder()
    var random = RandomStream(seed: seed)
    var authors: [Author] = []
    for number in 0..<3 {
      authors.append(try Author(folder.store("\(number).sqlite"), seed: seed << 8 + UInt64(number)))
    }
    for _ in 0..<60 {
      let index = random.number(in: 0...2)
      switch random.number(in: 0...9) {
      case 0...2:
        let other = random.number(in: 0...2)
        guard other != index else { continue }
        try authors[other].store.sealOpenChange(wall: authors[other].wall)
        try authors[index].store.pull(
          from: authors[other].store, bytesMax: random.number(in: 100...2_000),
          batchesMax: random.number(in: 1...4))
      case 3:
        authors[index] = try authors[index].reopened(folder.store("\(index).sqlite"))
      default:
        authors[index].wall += Int64(random.number(in: -5_000...20_000))
        try authors[index].act()
      }
    }
    for author in authors {
      try author.store.sealOpenChange(wall: author.wall)
      let changes = try author.store.sealedChanges()
      expectAgreement(try differences(author.store, Expectation(changes)))
      try checkTimes(of: author.store.ownLog, in: changes)
      #expect(try author.store.verify(scratch: folder.file("scratch")).faults == [])
    }
    // All meet.
    for _ in 0..<2 {
      for index in 0...2 { try authors[index].store.pull(from: authors[(index + 1) % 3].store) }
    }
    for _ in 0..<2 {
      for index in 0...2 { try authors[index].store.pull(from: authors[(index + 2) % 3].store) }
    }
    let hashes = Set(try authors.map { try $0.store.stateHash() })
    #expect(hashes.count == 1 && Set(authors.map(\.store.logHash)).count == 1)
    expectAgreement(try differences(authors[0].store, Expectation(authors[0].store.sealedChanges())))
  }

  /// Hybrid time strictly increases along a log, and past everything a change builds on.
  private func checkTimes(of own: LogID?, in changes: [SealedChange]) throws {
    var times: [ChangeID: HybridTime] = [:]
    for sealed in changes {
      let change = sealed.change
      times[change.id] = change.time
      let before = ChangeID(log: change.id.log, sequence: change.id.sequence - 1)
      for earlier in change.dependencies.map(\.change) + (before.sequence > 0 ? [before] : []) {
        let time = try #require(times[earlier])
        #expect(time < change.time, "\(earlier) and \(change.id)")
      }
    }
  }

  @Test("An own change builds on every head that its writer had seen")
  func frontierAfterReopening() throws {
    let folder = try TemporaryFolder()
    var (one, two) = (try Author(folder.store("1"), seed: 1), try Author(folder.store("2"), seed: 2))
    let conversation = try one.start("first")
    try two.store.pull(from: one.store)
    try two.say("hello", in: conversation)
    try one.say("meanwhile", in: conversation)
    try one.store.pull(from: two.store)
    #expect(one.store.frontier.count == 2)
    one = try one.reopened(folder.store("1"))
    #expect(one.store.frontier.count == 2)
    try one.say("now", in: conversation)
    let own = try #require(one.store.ownLog)
    let last = try #require(try one.store.sealedChanges().last { $0.change.id.log == own })
    #expect(last.change.dependencies.map(\.change.log) == [two.store.ownLog])
    #expect(one.store.frontier == [last.change.id])
    one = try one.reopened(folder.store("1"))
    #expect(one.store.frontier == [last.change.id])
  }

  @Test("An open change builds on what was seen when it was opened, whatever came meanwhile")
  func overtakenOpenChange() throws {
    let folder = try TemporaryFolder()
    var (one, two) = (try Author(folder.store("1"), seed: 1), try Author(folder.store("2"), seed: 2))
    let conversation = try one.start("first")
    let message = try one.say("question", in: conversation)
    try two.store.pull(from: one.store)
    try one.stream(" goes on", to: message)
    let other = try two.say("elsewhere", in: conversation)
    try one.store.pull(from: two.store)
    #expect(!one.store.hasOpenChange, "it was sealed before the batch")
    let own = try #require(one.store.ownLog)
    let change = try #require(try one.store.sealedChanges().last { $0.change.id.log == own })
    #expect(change.change.dependencies.isEmpty)
    #expect(one.store.frontier.count == 2)
    // Text that follows what came depends on it.
    try one.stream(" and on", to: other)
    let next = try #require(try one.store.sealOpenChange(wall: one.wall))
    let last = try #require(try one.store.sealedChanges().first { $0.change.id == next })
    #expect(last.change.dependencies.map(\.change.log) == [two.store.ownLog])
    #expect(one.store.frontier == [next])
    try two.say("elsewhere again", in: conversation)
    try one.store.pull(from: two.store)
    one = try one.reopened(folder.store("1"))
    #expect(one.store.frontier.count == 2)
    try one.title(conversation, "second")
    #expect(one.store.frontier.count == 1)
  }
}

extension Author {
  /// The same person after the program was started again.
  func reopened(_ open: @autoclosure () throws -> Store) throws -> Author {
    try store.close()
    var copy = self
    copy = Author(taking: try open(), random: random, wall: wall)
    return copy
  }

  private init(taking store: Store, random: RandomStream, wall: Int64) {
    self.store = store
    self.random = random
    self.wall = wall
  }

  /// Does something a person does.
  mutating func act() throws {
    let known = try store.conversations().map(\.id).sorted()
    guard let conversation = random.pick(known), !random.chance(1, in: 6) else {
      _ = try start(random.words(1...3))
      return
    }
    switch random.number(in: 0...11) {
    case 0...2: try say(random.words(1...3), in: conversation, role: random.one(of: .user, .assistant))
    case 3...6:
      let messages = try store.conversation(conversation)?.messages ?? []
      guard let message = random.pick(messages) else { return }
      for _ in 0..<random.number(in: 1...3) { try stream(random.words(1...3), to: message.id) }
      if random.chance(1, in: 4) {
        let long = String(repeating: random.words(1...1) + " ", count: 9_000)
        try stream(long, to: message.id)
      }
    case 7: try title(conversation, random.words(1...3))
    case 8: try tag(conversation, random.words(1...1))
    case 9: try untag(conversation, random.words(1...1))
    case 10: try trash(conversation)
    default:
      let trashed = try store.conversations(trashed: true).map(\.id).sorted()
      try restore(random.pick(trashed) ?? conversation)
    }
  }
}
