import AnabranchCore
import AnabranchTestSupport
import SeededRandom
import Testing

@testable import AnabranchStore

@Suite("The graph of all changes") struct GraphTests {
  /// Devices, and copies of them, that have written and heard of each other.
  private func history(seed: UInt64) throws -> Fleet {
    var fleet = try Fleet(seed: seed)
    for _ in 0..<3 { try fleet.add() }
    for step in 0..<40 {
      if step == 15 { try fleet.copy(0) }
      let number = fleet.random.below(fleet.authors.count)
      if fleet.random.chance(1, in: 2) { try fleet.write(number) }
      let other = fleet.random.below(fleet.authors.count)
      if other != number { try fleet.pull(number, from: other) }
    }
    for number in fleet.authors.indices {
      try fleet.authors[number].store.sealOpenChange(wall: fleet.authors[number].wall)
    }
    return fleet
  }

  /// What a change builds on, by all that it says; with the change before it.
  private func parents(of id: ChangeID, in store: Store) throws -> [ChangeID] {
    let named = try store.changeRecord(id)?.change.dependencies.map(\.change) ?? []
    if id.sequence > 1 { return named + [ChangeID(log: id.log, sequence: id.sequence - 1)] }
    guard let parent = store.branches.parent(of: id.log), store.vector[parent] > 0 else { return named }
    return named + [ChangeID(log: parent, sequence: store.vector[parent])]
  }

  private func pasts(
    _ nodes: [GraphNode], _ parents: (ChangeID) throws -> [ChangeID]
  ) rethrows -> [ChangeID: Set<ChangeID>] {
    var pasts: [ChangeID: Set<ChangeID>] = [:]
    for node in nodes.reversed() {
      pasts[node.id] = try parents(node.id).reduce(into: [node.id]) { $0.formUnion(pasts[$1] ?? []) }
    }
    return pasts
  }

  @Test(arguments: 0..<30) func isCausalAndMinimal(seed: UInt64) throws {
    for author in try history(seed: seed).authors {
      let (store, all) = (author.store, try author.store.graph(limit: 10_000))
      #expect(!all.hasMore && UInt64(all.nodes.count) == store.vector.changes)
      let places = Dictionary(uniqueKeysWithValues: all.nodes.enumerated().map { ($0.element.id, $0.offset) })
      #expect(places.count == all.nodes.count)
      let pasts = try pasts(all.nodes) { try parents(of: $0, in: store) }
      let reduced = Dictionary(uniqueKeysWithValues: all.nodes.map { ($0.id, $0.parents) })
      for (place, node) in all.nodes.enumerated() {
        for parent in node.parents {
          #expect(try #require(places[parent]) > place, "\(node.id) stands before \(parent)")
          // None follows from another one.
          #expect(!node.parents.contains { $0 != parent && pasts[$0]?.contains(parent) == true })
        }
        #expect(node.time == (try store.changeRecord(node.id)?.change.time))
      }
      // What was left out of the parents follows from the others.
      #expect(self.pasts(all.nodes) { reduced[$0] ?? [] } == pasts)
    }
  }

  /// Whichever deletion is asked about, and in whatever order.
  private func expectSight(in store: Store, seed: UInt64) throws {
    var random = RandomStream(seed: seed)
    let nodes = try store.graph(limit: 10_000).nodes
    let pasts = try pasts(nodes) { try parents(of: $0, in: store) }
    var (deletions, done): ([Deletion], [OperationID]) = ([], [])
    for change in try nodes.compactMap({ try store.changeRecord($0.id)?.change }) {
      for operation in change.operations {
        let id = OperationID(log: change.id.log, sequence: change.id.sequence, index: operation.index)
        done.append(id)
        if operation.mutation == .trash { deletions.append(Deletion(operation: id, seen: change.seen)) }
      }
    }
    for deletions in [deletions] + deletions.map({ [$0] }) {
      try store.reading { db in
        var walk = SightWalk(store.state, db, of: deletions)
        for (deletion, one) in random.shuffled(deletions.flatMap { deletion in done.map { (deletion, $0) } }) {
          let isOwn = deletion.operation.log == one.log
          let isLater = isOwn ? one > deletion.operation : pasts[one.change]?.contains(deletion.operation.change)
          let isSeen = try walk.isSeen(deletion, by: one)
          #expect(isSeen == isLater, "\(deletion.operation) by \(one)")
        }
      }
    }
  }

  @Test(arguments: 0..<30) func tellsWhoHadSeenADeletion(seed: UInt64) throws {
    for author in try history(seed: seed).authors { try expectSight(in: author.store, seed: seed) }
  }

  /// What was seen before a log forked was seen by all that its branches did.
  @Test func branchesHadSeenWhatTheirLogHad() throws {
    var fleet = try Fleet(seed: 1)
    for _ in 0..<3 { try fleet.add() }
    let conversation = try fleet.authors[0].start("title")
    for other in [1, 2] { try fleet.pull(other, from: 0) }
    // Nobody has seen both deletions, which nothing else of their logs tells of, but who hears of both.
    for other in [1, 2] { try fleet.authors[other].trash(conversation) }
    try fleet.pull(0, from: 1)
    try fleet.authors[0].say("heard of one", in: conversation)
    try fleet.copy(0)
    for copy in [0, 3] { try fleet.authors[copy].say("of \(copy)", in: conversation) }
    for copy in [0, 3] { try fleet.pull(2, from: copy) }
    let store = fleet.authors[2].store
    #expect(store.heads.contains { $0.header.isBranch && $0.head.sequence > 0 })
    try expectSight(in: store, seed: 1)
  }

  @Test(arguments: 0..<10) func aPastGoesOnToWhatHasAllOfIt(seed: UInt64) throws {
    for store in try history(seed: seed).authors.map(\.store) {
      let nodes = try store.graph(limit: 10_000).nodes
      let pasts = try pasts(nodes) { try parents(of: $0, in: store) }
      let points = nodes.enumerated().filter { $0.offset.isMultiple(of: 5) }.map(\.element.id)
      try store.reading { db in
        for one in points {
          let walk = try PastWalk(store.state, db, to: .changes([one]))
          #expect(walk.vector.changes == pasts[one].map { UInt64($0.count) })
          for other in points {
            let later = try walk.goingOn(to: .changes([other]))
            #expect((later != nil) == pasts[other]?.contains(one), "\(other) after \(one)")
            guard let later else { continue }
            let alone = try PastWalk(store.state, db, to: .changes([other]))
            #expect(later.vector == alone.vector && later.frontier == alone.frontier)
          }
        }
      }
    }
  }

  @Test func isReadFromTheEnd() throws {
    let store = try history(seed: 7).authors[0].store
    let all = try store.graph(limit: 10_000).nodes
    let page = try store.graph(limit: 5)
    #expect(page.hasMore && page.nodes == Array(all.prefix(5)))
    let middle = all[all.count / 2].time.milliseconds
    let since = try store.graph(limit: 10_000, since: middle).nodes
    #expect(Set(since.map(\.id)) == Set(all.filter { $0.time.milliseconds >= middle }.map(\.id)))
    let device = try #require(store.device(of: all[0].id.log))
    let own = try store.graph(limit: 10_000, of: device).nodes
    #expect(!own.isEmpty && own.count < all.count)
    #expect(own.map(\.id) == all.map(\.id).filter { store.device(of: $0.log) == device })
    let folder = try TemporaryFolder()
    #expect(try folder.store().graph(limit: 5).nodes.isEmpty)
  }

  /// Page by page, each of what the ones before have not listed, it is the same list.
  @Test(arguments: 0..<10, [1, 3, 7]) func isReadPageByPage(seed: UInt64, limit: Int) throws {
    let store = try history(seed: seed).authors[0].store
    let all = try store.graph(limit: 10_000).nodes
    var (listed, rest): ([GraphNode], VersionVector) = ([], store.vector)
    while true {
      let page = try store.graph(limit: limit, within: rest)
      listed += page.nodes
      for node in page.nodes { rest[node.id.log] = min(rest[node.id.log], node.id.sequence - 1) }
      guard page.hasMore else { break }
      #expect(page.nodes.count == limit)
    }
    #expect(listed.map(\.id) == all.map(\.id) && rest.changes == 0)
    #expect(try store.graph(limit: 5, within: VersionVector()).nodes.isEmpty)
  }

  /// Also where a page reads no more than a part of it: two devices that answer each other are listed in turn.
  @Test func aLongHistoryIsReadPageByPage() throws {
    let folder = try TemporaryFolder()
    var (one, two) = (try Author(folder.store(), seed: 1), try Author(folder.store("2"), seed: 2))
    let (conversation, other) = (try one.start("title"), try two.start("other"))
    // More than are read for a page, at the same time: on a later page, nothing builds on the last one of either.
    for number in 0..<300 {
      try one.title(conversation, "\(number)")
      try two.title(other, "and \(number)")
    }
    try one.store.pull(from: two.store)
    try one.title(conversation, "merged")
    let all = try one.store.graph(limit: 10_000).nodes.map(\.id)
    var (listed, rest): ([ChangeID], VersionVector) = ([], one.store.vector)
    for _ in 0..<5 {
      let page = try one.store.graph(limit: 4, within: rest)
      listed += page.nodes.map(\.id)
      for node in page.nodes { rest[node.id.log] = min(rest[node.id.log], node.id.sequence - 1) }
    }
    #expect(listed == Array(all.prefix(20)))
    #expect(Set(listed.map(\.log)).count == 2)
  }

  /// A clock that is a year ahead dates nothing before what it builds on, nor after what builds on that.
  @Test func aWrongClockMisplacesNothing() throws {
    let folder = try TemporaryFolder()
    var (one, two) = (try Author(folder.store(), seed: 1), try Author(folder.store("2"), seed: 2))
    let conversation = try one.start("title")
    try two.store.pull(from: one.store)
    two.wall += 365 * 86_400_000
    try two.title(conversation, "from the future")
    try one.store.pull(from: two.store)
    try one.title(conversation, "of today")
    let nodes = try one.store.graph(limit: 10).nodes
    #expect(nodes.first?.id.log == one.store.ownLog)
    #expect(nodes[0].time < nodes[1].time && nodes[0].parents == [nodes[1].id])
    #expect(nodes[1].id.log == two.store.ownLog)
  }

  /// Not even where what builds on it lies far behind what is listed.
  @Test func whatIsFromTheFutureStandsWhereItBelongs() throws {
    let folder = try TemporaryFolder()
    var (one, two) = (try Author(folder.store(), seed: 1), try Author(folder.store("2"), seed: 2))
    let conversation = try one.start("title")
    try two.store.pull(from: one.store)
    two.wall += 365 * 86_400_000
    try two.title(conversation, "from the future")
    try one.store.pull(from: two.store)
    for number in 0..<600 { try one.title(conversation, "\(number)") }
    let (here, there) = (try #require(one.store.ownLog), try #require(two.store.ownLog))
    // Somebody builds on it.
    #expect(try one.store.graph(limit: 4).nodes.allSatisfy { $0.id.log == here })
    #expect(try one.store.graph(limit: 1_000).nodes.dropFirst(600).first?.id == ChangeID(log: there, sequence: 1))
    // Nobody builds on what comes next.
    try two.title(conversation, "from the future, too")
    try one.store.pull(from: two.store)
    #expect(try one.store.graph(limit: 4).nodes.first?.id.log == there)
    for limit in [4, 1_000] {
      let nodes = try one.store.graph(limit: limit, wall: one.wall).nodes
      #expect(nodes.prefix(600).allSatisfy { $0.id.log == here })
      if limit > 600 { #expect(nodes[600...601].map(\.id) == [2, 1].map { ChangeID(log: there, sequence: $0) }) }
    }
    var place: VersionVector?
    let actions = try one.store.actions(before: &place, limit: 700, wall: one.wall)
    #expect(actions[600...601].map(\.first) == [2, 1].map { ChangeID(log: there, sequence: $0) })
  }
}
