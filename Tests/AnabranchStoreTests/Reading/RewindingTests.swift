import AnabranchCore
import AnabranchTestSupport
import AnabranchWire
import GRDB
import SeededRandom
import Testing

@testable import AnabranchStore

@Suite("A history as it was") struct RewindingTests {
  /// What a history showed at some time.
  private struct Snapshot: Equatable {
    let vector: VersionVector
    let frontier: [ChangeID]
    let dumps: [ObjectID: ConversationDump]
    let state: Digest
    var list: [ConversationSummary]
    /// The first and the last change of each: an imported message that stands in several conversations is counted for either.
    let actions: [[ChangeID]]

    init(_ store: Store) throws {
      (vector, frontier, dumps) = (store.vector, store.frontier, try store.conversationDumps())
      (state, list, actions) = (
        try store.stateHash(), try store.conversations(), try store.allActions().map { [$0.first, $0.last] }
      )
    }
  }

  /// The same, whatever came first of imported conversations of one time.
  private func byName(_ snapshot: Snapshot) -> Snapshot {
    var snapshot = snapshot
    snapshot.list.sort { $0.id < $1.id }
    return snapshot
  }

  /// Has a store receive a part of a history; returns the rest, in the order in which it comes.
  private func receivePart(
    of history: GeneratedHistory, in store: Store, using random: inout RandomStream
  ) throws -> [SealedChange] {
    let all = history.delivery(using: &random)
    let held = random.number(in: 0...all.count)
    try store.receive(Array(all.prefix(held)), of: history, using: &random)
    return Array(all.dropFirst(held))
  }

  /// How much was purged that counts.
  private func purges(_ store: Store) throws -> Int? {
    try store.reading {
      try Int.fetchOne($0, sql: "SELECT (SELECT count(*) FROM purge) + (SELECT count(*) FROM redaction)")
    }
  }

  @Test("It is what was there when the same changes were all that was held", arguments: UInt64(0)..<30)
  func isWhatWasThere(seed: UInt64) throws {
    let history = HistoryGenerator.history(seed: seed)
    let folder = try TemporaryFolder()
    let store = try folder.store()
    var random = RandomStream(seed: seed)
    let rest = try receivePart(of: history, in: store, using: &random)
    let (before, purged) = (try Snapshot(store), try purges(store))
    try store.receive(rest, of: history, using: &random)
    let after = try Snapshot(store)

    let reader = try folder.store(access: .read)
    var told: [UInt64] = []
    try reader.rewind(to: .changes(before.frontier)) { done, _ in told.append(done) }
    #expect(reader.vector == before.vector && reader.frontier == before.frontier)
    // What was purged since is hidden: see below.
    if try purges(store) == purged { #expect(try Snapshot(reader) == before) }
    #expect(try reader.graph(limit: 10_000).nodes.count == Int(before.vector.changes))
    #expect(told == told.sorted())
    try reader.close()
    #expect(try Snapshot(store) == after, "nothing was changed in the file")
    #expect(try store.verify(scratch: folder.file("scratch")).faults == [])
  }

  @Test("Two points are shown by turns as each is by itself", arguments: UInt64(0)..<40)
  func twoAreComparedByTurns(seed: UInt64) throws {
    let history = HistoryGenerator.history(seed: seed)
    let folder = try TemporaryFolder()
    let store = try folder.store()
    var random = RandomStream(seed: seed)
    let rest = try receivePart(of: history, in: store, using: &random)
    let earlier = PastPoint.changes(store.frontier)
    try store.receive(Array(rest.prefix(random.number(in: 0...rest.count))), of: history, using: &random)
    let later = PastPoint.changes(store.frontier)
    try store.receive(rest, of: history, using: &random)

    var alone: [ComparedPast: Snapshot] = [:]
    for (past, point) in [(ComparedPast.earlier, earlier), (.later, later)] {
      let reader = try folder.store(access: .read)
      try reader.rewind(to: point)
      alone[past] = try byName(Snapshot(reader))
    }
    let reader = try folder.store(access: .read)
    let shown = try reader.comparing(earlier, later) { (show) throws(StoreError) in
      var shown: [(ComparedPast, Result<Snapshot, any Error>)] = []
      for past in [ComparedPast.earlier, .later, .earlier, .earlier, .later, .later] {
        try show(past)
        shown.append((past, Result { try Snapshot(reader) }))
      }
      return shown
    }
    for (past, snapshot) in try #require(shown) { #expect(try byName(snapshot.get()) == alone[past], "\(past)") }
    // The earlier one goes on from nothing that has more than it has.
    let isSame = alone[.earlier]?.vector == alone[.later]?.vector
    let back = try folder.store(access: .read).comparing(later, earlier) { (_) throws(StoreError) in true }
    #expect(back == (isSame ? true : nil))
  }

  @Test("Where there is no room for it the disk is full, and the file is not damaged", arguments: [20, 40])
  func fullDisk(pages: Int) throws {
    let folder = try TemporaryFolder()
    var author = try Author(folder.store())
    for turn in 0..<200 { try author.say("turn \(turn)", in: author.start("title")) }
    let frontier = author.store.frontier
    let reader = try folder.store(access: .read)
    try reader.alone { try $0.execute(sql: "PRAGMA temp_store = FILE; PRAGMA temp.max_page_count = \(pages)") }
    let error = #expect(throws: StoreError.self) { try reader.rewind(to: .changes(frontier)) }
    #expect(error?.code == .diskFull)
  }

  @Test("With branches of logs that forked, and while somebody goes on writing", arguments: UInt64(0)..<10)
  func withBranches(seed: UInt64) throws {
    var fleet = try Fleet(seed: seed)
    for _ in 0..<3 { try fleet.add() }
    var past: Snapshot?
    var reader: Store?
    for step in 0..<60 {
      if step == 5 { try fleet.copy(0) }
      if step == 35 {
        _ = try fleet.authors[1].store.sealOpenChange(wall: fleet.authors[1].wall)
        past = try Snapshot(fleet.authors[1].store)
      }
      if step == 50, let past {
        reader = try fleet.folder.store("1.sqlite", access: .read)
        try reader?.rewind(to: .changes(past.frontier))
      }
      let number = fleet.random.below(fleet.authors.count)
      if fleet.random.chance(1, in: 2) { try fleet.write(number) }
      let other = fleet.random.below(fleet.authors.count)
      if other != number { try fleet.pull(number, from: other) }
    }
    let (before, then) = (try #require(past), try #require(reader))
    // A log that forked since is called otherwise, so that nothing can be compared.
    guard before.vector.entries.allSatisfy({ fleet.authors[1].store.vector[$0.log] >= $0.sequence }) else { return }
    #expect(try Snapshot(then) == before)
  }

  @Test("A moment has what was made until then, and what that builds on, whatever a clock said")
  func ofAMoment() throws {
    let folder = try TemporaryFolder()
    var (one, two) = (try Author(folder.store(), seed: 1), try Author(folder.store("2"), seed: 2))
    let conversation = try one.start("first")
    try two.store.pull(from: one.store)
    let noon = one.wall + 60_000
    one.wall = noon - 1_000
    two.wall = noon + 365 * 86_400_000
    try two.title(conversation, "from the future")
    try one.store.pull(from: two.store)
    // Its clock did not follow the other one's, and it builds on what that wrote.
    try one.title(conversation, "just before noon")
    one.wall = noon + 1
    try one.title(conversation, "after noon")

    let reader = try folder.store(access: .read)
    try reader.rewind(to: .moment(noon))
    #expect(try reader.conversations().map(\.title) == ["just before noon"])
    #expect(reader.vector.changes == one.store.vector.changes - 1)
    let early = try folder.store(access: .read)
    try early.rewind(to: .moment(1))
    #expect(try early.conversations().isEmpty && early.vector.changes == 0 && early.frontier.isEmpty)
  }

  @Test("What was purged since shows in no past, though its bytes wait for their day")
  func isNoWayAroundAPurge() throws {
    let folder = try TemporaryFolder()
    var author = try Author(folder.store())
    let conversation = try author.start("kept")
    _ = try author.say("kept words", in: conversation)
    let secret = try author.say("a password", in: conversation)
    let other = try author.start("purged")
    _ = try author.say("purged words", in: other)
    let before = author.store.frontier
    for object in [secret, other] {
      let purge = Draft(kind: .purge, target: object, mutation: .purge(Purge(isImmediate: false)))
      try author.store.write([purge], wall: author.wall)
    }

    let reader = try folder.store(access: .read)
    try reader.rewind(to: .changes(before))
    #expect(try reader.conversations().map(\.id) == [conversation])
    let messages = try #require(try reader.conversation(conversation)).messages
    #expect(messages.map { $0.content?.text } == ["kept words", nil] && messages.map(\.isPurged) == [false, true])
    #expect(try reader.conversation(other) == nil)
    #expect(try reader.search("password").isEmpty && reader.search("purged").isEmpty)
    #expect(try reader.search("kept").count == 1)
  }

  @Test("Who writes is not shown the past")
  func onlyForReaders() throws {
    let folder = try TemporaryFolder()
    let author = try Author(folder.store())
    let error = #expect(throws: StoreError.self) { try author.store.rewind(to: .moment(0)) }
    #expect(error?.code == .io)
  }
}

extension Store {
  /// Every action, the last first.
  fileprivate func allActions() throws -> [ActionRecord] {
    var (position, all): (VersionVector?, [ActionRecord]) = (nil, [])
    while true {
      let page = try actions(before: &position, limit: 100)
      guard !page.isEmpty else { return all }
      all += page
    }
  }
}
