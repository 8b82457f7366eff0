import AnabranchCore
import AnabranchTestSupport
import AnabranchWire
import SeededRandom
import Testing

@testable import AnabranchStore
@testable import AnabranchSync

/// What peers may say of logs that have forked, or have not.
@Suite("Words about branches")
struct ForgedBranchTests {
  @Test("Nobody cuts a log, or adds to one, on a word that is not its author's")
  func forgers() throws {
    var fleet = try Fleet(seed: 5)
    for _ in 0..<2 { try fleet.add() }
    for _ in 0..<8 { try fleet.write(0) }
    _ = try fleet.authors[0].store.sealOpenChange(wall: someWall)
    try fleet.pull(1, from: 0)
    let (store, author) = (fleet.authors[1].store, fleet.authors[0].store)
    let log = try #require(author.ownLog)
    let header = try #require(author.header(of: log))
    let read = try author.batch(ReadRequest(held: author.provable, known: VersionVector(), bytesMax: .max))
    let changes = try #require(read.runs.first { $0.log == log }?.changes)
    let last = UInt32(changes.count)
    let signature = try #require(read.checkpoints.first { $0.change.log == log }?.signature)
    func run(_ header: LogHeader, _ first: UInt32, _ changes: [[UInt8]]) -> IncomingBatch.Run {
      IncomingBatch.Run(log: header.log, header: header, first: first, changes: changes)
    }
    let branch = LogHeader.branch(of: log, first: 3, hash: fleet.random.digest())
    let branchOfBranch = LogHeader.branch(of: branch.log, first: 1, hash: fleet.random.digest())
    let wrapping = LogHeader.branch(of: log, first: .max, hash: fleet.random.digest())
    let hostile: [(String, [IncomingBatch.Run])] = [
      (
        "a forged change, and the last one with its signature",
        [run(header, 3, [changes[1]]), run(header, last, [changes[changes.count - 1]])]
      ),
      ("a forged change up to the last one", [run(header, last, [changes[1]])]),
      ("a branch that does not begin as it says", [run(branch, 1, [changes[1]])]),
      ("a branch of a branch", [run(branchOfBranch, 1, [changes[0]])]),
      ("a branch from number 0", [run(.branch(of: log, first: 0, hash: branch.foundingHash), 1, [changes[1]])]),
      ("a branch beyond all numbers", [run(wrapping, 2, [changes[1]])]),
    ]
    let before = (store.logHash, try store.stateHash())
    for (what, runs) in hostile {
      let signatures = runs.reduce(into: [:]) { $0[$1.log] = signature }
      let batch = IncomingBatch(
        runs: runs, headers: ([header] + runs.map(\.header).filter(\.isBranch)).byName, signatures: signatures,
        exclusions: Exclusions())
      let error = #expect(throws: StoreError.self, "\(what)") { try store.receive(batch, wall: someWall) }
      #expect(error?.code == .refused, "\(what): \(error?.message ?? "")")
      #expect(store.logHash == before.0, "\(what)")
      #expect(try store.stateHash() == before.1, "\(what)")
      #expect(store.branches.branches(after: log).isEmpty, "\(what)")
    }
  }

  @Test("As many branches as a frame has room for, each going on from another, and no signature, are refused")
  func chains() throws {
    var fleet = try Fleet(seed: 7)
    try fleet.add()
    try fleet.add()
    for _ in 0..<4 { try fleet.write(0) }
    try fleet.pull(1, from: 0)
    let (store, author) = (fleet.authors[1].store, fleet.authors[0].store)
    let log = try #require(author.ownLog)
    let header = try #require(author.header(of: log))
    // The first of them would cut the log.
    let change = ChangeID(log: log, sequence: author.vector[log] - 2)
    let read = try author.batch(ReadRequest(held: author.provable, known: VersionVector(), bytesMax: .max))
    let bytes = try #require(read.runs.first { $0.log == log }?.changes.last)
    var hash = try #require(try author.hash(of: change))
    // All of it fits together, but for what its author would have to say.
    let runs = try (1...2_000).map { offset in
      let id = ChangeID(log: log, sequence: change.sequence + UInt32(offset))
      hash = try SealedChange(bytes: bytes, context: SealedChange.Context(id: id, previous: hash)).hash
      let branch = LogHeader.branch(of: log, first: id.sequence, hash: hash)
      return IncomingBatch.Run(log: branch.log, header: branch, first: 1, changes: [bytes])
    }
    for (count, words) in [
      (Branches.branchesMax, "is not what its author signed"), (2_000, "expected at most 16 branches"),
    ] {
      let batch = IncomingBatch(
        runs: Array(runs.prefix(count)), headers: ([header] + runs.map(\.header)).byName, signatures: [:],
        exclusions: Exclusions())
      let error = #expect(throws: StoreError.self) { try store.receive(batch, wall: someWall) }
      #expect(error?.code == .refused && error?.message.contains(words) == true, "\(error?.message ?? "")")
      #expect(store.vector == author.vector)
    }
  }

  @Test("Of the names that a peer tells those are kept that mean something")
  func names() throws {
    var fleet = try Fleet(seed: 6)
    try fleet.add()
    try fleet.add()
    for _ in 0..<4 { try fleet.write(0) }
    let (store, author) = (fleet.authors[1].store, fleet.authors[0].store)
    let log = try #require(author.ownLog)
    let header = try #require(author.header(of: log))
    _ = try author.sealOpenChange(wall: someWall)
    // It took rights from a device as of a branch of whose name it was not told; and one says so of branches that are none.
    let space = fleet.random.bytes16()
    let hash = try #require(try author.hash(of: ChangeID(log: log, sequence: 2)))
    let unknown = LogHeader.branch(of: log, first: 2, hash: hash)
    let head = Dependency(change: ChangeID(log: unknown.log, sequence: 1), hash: hash.head)
    let nested = LogHeader.branch(of: unknown.log, first: 2, hash: hash)
    let none = LogHeader.branch(of: log, first: 2, hash: fleet.random.digest())
    let heads = [head] + [nested, none].map { Dependency(change: ChangeID(log: $0.log, sequence: 1), hash: hash.head) }
    try store.enter(space, invitedBy: nil)
    let restrict = Restrict(
      fleet.random.digest(), in: space, to: .outsider, after: heads.sorted { $0.change < $1.change })
    try store.write([Draft(kind: .restrict, target: nil, mutation: .restrict(restrict))], wall: someWall)
    let invented = (0..<200).map { LogHeader.branch(of: log, first: UInt32($0 + 2), hash: fleet.random.digest()) }
    var batch = IncomingBatch(
      signed: try author.batch(ReadRequest(held: author.provable, known: VersionVector(), bytesMax: .max)))
    batch.headers = ([header] + invented + [unknown, nested, none]).byName
    _ = try store.receive(batch, wall: someWall)
    #expect(store.vector[log] == author.vector[log])
    #expect(store.heads.filter(\.header.isBranch).map(\.log) == [unknown.log])
    #expect(try store.verify(scratch: fleet.folder.file("scratch")).faults == [])
  }

  @Test("What only a signature would prove that is left out is left out with it, and so is what builds on that")
  func unproved() throws {
    var fleet = try Fleet(seed: 8)
    for _ in 0..<3 { try fleet.add() }
    for _ in 0..<3 { try fleet.write(0) }
    _ = try fleet.authors[0].store.sealOpenChange(wall: someWall)
    try fleet.pull(2, from: 0)
    let (first, second, store) = (fleet.authors[0].store, fleet.authors[1].store, fleet.authors[2].store)
    let before = store.vector
    // The second device builds on what the first goes on with, and on nothing else.
    for _ in 0..<4 { try fleet.write(0) }
    _ = try first.sealOpenChange(wall: someWall)
    try fleet.pull(1, from: 0)
    for _ in 0..<4 { try fleet.write(1) }
    _ = try second.sealOpenChange(wall: someWall)
    let (log, other) = (try #require(first.ownLog), try #require(second.ownLog))
    let last = ChangeID(log: log, sequence: first.vector[log])
    let builds = try (1...second.vector[other]).contains { sequence in
      let change = try second.changeRecord(ChangeID(log: other, sequence: sequence))?.change
      return change?.dependencies.contains { $0.change.log == log && $0.change.sequence > before[log] } == true
    }
    try #require(builds, "the case is none")
    let batch = IncomingBatch(
      signed: try second.batch(ReadRequest(held: second.provable, known: before, bytesMax: .max)))
    let receipt = try store.receive(
      batch.leavingOut([Exclusion(first: last, cause: .forked)]), wall: someWall)
    #expect(store.vector[log] == before[log], "kept, and nobody could be given it")
    #expect(store.vector[other] == 0)
    #expect(store.unproved == 0)
    #expect(
      receipt.excluded.contains(Exclusion(first: ChangeID(log: log, sequence: before[log] + 1), cause: .unproved)))
    #expect(try store.verify(scratch: fleet.folder.file("scratch")).faults == [])
    // Nothing of it is lost: it comes with its signature.
    _ = try store.receive(batch, wall: someWall)
    #expect(store.vector == second.vector && store.unproved == 0)
  }

  @Test(
    "A cut that comes to nothing leaves no trace, and one that does not is seen by every process",
    arguments: UInt64(0)..<10)
  func cuts(seed: UInt64) throws {
    var fleet = try Fleet(seed: seed)
    try fleet.add()
    try fleet.add()
    for _ in 0..<5 { try fleet.write(0) }
    try fleet.pull(1, from: 0)
    try fleet.copy(0)
    for _ in 0..<5 { for number in [0, 2] { try fleet.write(number) } }
    try fleet.pull(1, from: 0)
    let (store, twin) = (fleet.authors[1].store, fleet.authors[2].store)
    let log = try #require(twin.ownLog)
    _ = try twin.sealOpenChange(wall: someWall)
    let device = fleet.random.digest()
    let before = PeerRecord(device: device, name: "", address: nil, vector: store.vector, contact: 1)
    try store.save(before)
    let conversations = try store.conversations().map(\.id)
    try store.announceExpiry(of: conversations, at: 1)
    let others = try folderReader(of: fleet)

    let common = try #require(
      (1...min(store.vector[log], twin.vector[log])).last {
        let change = ChangeID(log: log, sequence: $0)
        return try store.hash(of: change) == twin.hash(of: change)
      })
    let known = VersionVector([(log, common)])
    let batch = IncomingBatch(signed: try twin.batch(ReadRequest(held: twin.provable, known: known, bytesMax: .max)))
    var wrong = batch
    let last = try #require(wrong.runs.last?.changes.last)
    wrong.runs[wrong.runs.count - 1].changes.append(Array(last.dropLast()))
    let snapshot = try Snapshot(store)
    #expect(throws: StoreError.self) { try store.receive(wrong, wall: someWall) }
    #expect(try Snapshot(store) == snapshot)
    #expect(try store.peers() == [before])
    #expect(try others.stateHash() == snapshot.stateHash)

    let receipt = try store.receive(batch, wall: someWall)
    #expect(receipt.forks == [ChangeID(log: log, sequence: common)])
    #expect(store.vector[log] == common)
    #expect(try others.stateHash() == store.stateHash())
    #expect(others.vector == store.vector && others.branches == store.branches)
    #expect(try others.conversations() == store.conversations())
    // What that peer holds it holds under the new names; so do conversations whose end was told.
    let peer = try #require(try store.peers().first)
    #expect(peer.vector.changes == before.vector.changes)
    #expect(store.vector.includes(peer.vector))
    let all = Set(try store.conversations().map(\.id))
    let announced = try store.announcedExpiries()
    #expect(announced.count == conversations.count && announced.isSubset(of: all))
    // The same file, opened anew.
    let state = try store.stateHash()
    try store.close()
    #expect(try fleet.folder.store("1.sqlite").stateHash() == state)
  }

  /// Another process that reads the second database.
  private func folderReader(of fleet: Fleet) throws -> Store {
    try fleet.folder.store("1.sqlite", access: .read)
  }

  private struct Snapshot: Equatable {
    let vector: VersionVector
    let branches: Branches
    let stateHash: Digest
    let rows: [String: Int]

    init(_ store: Store) throws {
      (vector, branches) = (store.vector, store.branches)
      (stateHash, rows) = (try store.stateHash(), try store.rowCounts())
    }
  }
}
