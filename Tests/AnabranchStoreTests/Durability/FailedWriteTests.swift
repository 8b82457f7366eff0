import AnabranchCore
import AnabranchTestSupport
import AnabranchWire
import SeededRandom
import Testing

@testable import AnabranchStore
@testable import AnabranchSync

@Suite("A write that fails changes nothing")
struct FailedWriteTests {
  /// Everything that must stay as it was.
  private struct Snapshot: Equatable {
    let vector: VersionVector
    let frontier: [ChangeID]
    let clock: HybridTime
    let logs: [LogID]
    let stateHash: Digest
    let dumps: [ObjectID: ConversationDump]
    let hasOpenChange: Bool
    let file: [String: Int]

    init(_ store: Store) throws {
      vector = store.vector
      frontier = store.frontier
      clock = store.state.clock.latest
      logs = store.heads.map(\.log)
      stateHash = try store.stateHash()
      dumps = try store.conversationDumps()
      hasOpenChange = store.hasOpenChange
      file = try store.rowCounts()
    }
  }

  private func expectRefusal(
    _ code: StoreError.Code, by store: Store, in folder: TemporaryFolder, _ what: String,
    _ body: () throws -> Void
  ) throws {
    let before = try Snapshot(store)
    let error = #expect(throws: StoreError.self, "\(what)") { try body() }
    #expect(error?.code == code, "\(what): \(String(describing: error))")
    #expect(error?.message.isEmpty == false)
    let after = try Snapshot(store)
    #expect(after == before, "\(what)")
    try store.close()
    #expect(try Snapshot(folder.store()) == before, "\(what), opened again")
  }

  @Test("A batch that is not what it should be", arguments: UInt64(0)..<12)
  func refusedBatches(seed: UInt64) throws {
    let history = HistoryGenerator.history(seed: seed)
    var random = RandomStream(seed: seed)
    let delivered = history.delivery(using: &random)
    let count = random.number(in: 1...delivered.count / 2)
    let rest = Array(delivered[count...])
    var held = VersionVector(delivered[..<count].map { ($0.change.id.log, $0.change.id.sequence) })
    let independent = rest.first { sealed in
      sealed.change.id.sequence - 1 == held[sealed.change.id.log]
        && sealed.change.dependencies.allSatisfy { held.contains($0.change) }
    }
    let good = try #require(independent)
    held[good.change.id.log] = good.change.id.sequence
    let gap = rest.first { $0.change.id.sequence > held[$0.change.id.log] + 1 }
    let orphan = rest.first { sealed in
      sealed.change.id.sequence == held[sealed.change.id.log] + 1
        && sealed.change.dependencies.contains { !held.contains($0.change) }
    }
    var wrong: [(String, [SealedChange], [UInt8]?)] = [("cut short", [good], good.bytes.dropLast())]
    wrong.append(("one byte more", [good], good.bytes + [0]))
    wrong.append(("another layout", [good], [99] + good.bytes.dropFirst()))
    if let gap { wrong.append(("a gap", [good, gap], nil)) }
    if let orphan { wrong.append(("an unknown dependency", [good, orphan], nil)) }
    for (what, changes, bytes) in wrong {
      let folder = try TemporaryFolder()
      let store = try folder.store()
      try store.receive(Array(delivered[..<count]), of: history, using: &random)
      var batch = IncomingBatch(changes, headers: history.headers)
      if let bytes {
        let last = batch.runs.count - 1
        batch.runs[last].changes[batch.runs[last].changes.count - 1] = Array(bytes)
      }
      let sent = batch
      try expectRefusal(.refused, by: store, in: folder, what) { _ = try store.receive(sent, wall: someWall) }
    }
  }

  @Test("A change with one bit turned is no silent part of the history", arguments: UInt64(0)..<4)
  func turnedBits(seed: UInt64) throws {
    let history = HistoryGenerator.history(seed: seed)
    var random = RandomStream(seed: seed)
    let delivered = history.delivery(using: &random)
    let folder = try TemporaryFolder()
    let store = try folder.store()
    try store.receive(Array(delivered.dropLast(2)), of: history, using: &random)
    for place in delivered[delivered.count - 2].bytes.indices {
      var batch = IncomingBatch([delivered[delivered.count - 2]], headers: history.headers)
      batch.runs[0].changes[0][place] ^= 1 << UInt8(random.number(in: 0...7))
      batch.runs += IncomingBatch([delivered[delivered.count - 2]], headers: history.headers).runs
      let forged = batch
      // Refused as unreadable, or told apart from the change that comes next.
      let before = store.vector
      do {
        let result = try store.transaction { db, state throws in
          let logs = state
          let holdings = IncomingBatch.Holdings<any Error>(
            header: { log in logs[log]?.header }, head: { log in logs[log]?.head },
            hash: { change in try logs.hash(of: change, in: db) })
          return try forged.checked(against: holdings, isSigned: { _, _ in true })
        }
        // It builds on another change than the one held, or begins a branch.
        if case .accepted(let acceptance) = result { #expect(!acceptance.excluded.isEmpty, "byte \(place)") }
      } catch {
        Issue.record("byte \(place): \(error)")
      }
      #expect(store.vector == before)
    }
  }

  @Test(
    "A fork that comes with a forged signature leaves everything as it was; with the right one both branches are kept")
  func forks() throws {
    let folder = try TemporaryFolder()
    var (one, two) = (try Author(folder.store("one"), seed: 7), try Author(folder.store("two"), seed: 7))
    #expect(one.store.ownLog == two.store.ownLog)
    let conversation = try one.start("this")
    two.wall += 1
    let other = try two.start("that")
    let store = try folder.store()
    try store.pull(from: one.store)
    let before = try Snapshot(store)
    var read = ReadBatch()
    let own = try #require(one.store.ownLog)
    let header = try #require(one.store.header(of: own))
    for change in try two.store.changes(missingFrom: VersionVector(), bytesMax: .max).changes {
      read.append(change.id, header: header, bytes: change.bytes)
    }
    var forged = IncomingBatch(read)
    forged.signatures[own]?[0] ^= 1
    let batch = forged
    let error = #expect(throws: StoreError.self) { try store.receive(batch, wall: someWall) }
    #expect(error?.code == .refused)
    #expect(try Snapshot(store) == before)
    let receipt = try store.receive(IncomingBatch(read), wall: someWall)
    #expect(!receipt.forks.isEmpty && receipt.applied == 2 && receipt.excluded.isEmpty)
    #expect(store.branches.branches(after: own).count == 2)
    #expect(conversation == other, "the writers gave both the same name")
    #expect(try store.conversations().compactMap(\.title).sorted() == ["that", "this"])
  }

  @Test("A write beyond what a change may hold")
  func tooMuch() throws {
    let folder = try TemporaryFolder()
    var author = try Author(folder.store())
    let conversation = try author.start("title")
    let message = try author.say("so", in: conversation)
    let operation = try #require(try author.store.message(message)?.message.operation)
    let name = author
    var random = author.random
    func content(_ count: Int) -> Content {
      .present(salt: random.bytes16(), bytes: [UInt8](repeating: 65, count: count)[...])
    }
    let references = [OperationID](repeating: operation, count: Limits.referencesMax + 1)
    let writes: [(String, [Draft])] = [
      ("nothing", []),
      (
        "too many operations",
        [Draft](
          repeating: Draft(kind: .restore, target: conversation, mutation: .restore),
          count: Limits.operationsMax + 1)
      ),
      (
        "too long a content",
        [
          Draft(kind: .chunk, target: nil, mutation: .chunk, content: content(Limits.contentBytesMax + 1))
        ]
      ),
      (
        "too many bytes",
        [Draft](
          repeating: Draft(
            kind: .chunk, target: nil, mutation: .chunk, content: content(Limits.contentBytesMax)),
          count: 2)
      ),
      (
        "too many references",
        [
          Draft(
            kind: .writeRegister, target: conversation,
            mutation: .writeRegister(WriteRegister(register: .title, predecessors: references)),
            content: content(1))
        ]
      ),
      (
        "too many identifiers",
        [
          Draft(
            kind: .appendText, target: message,
            mutation: .appendText(
              AppendText(predecessors: [operation], position: 0, length: Limits.identifiersMax + 1)),
            content: content(1))
        ]
      ),
    ]
    try author.store.close()
    for (what, drafts) in writes {
      let store = try folder.store()
      try expectRefusal(.limit, by: store, in: folder, what) { try store.write(drafts, wall: name.wall) }
    }
    let store = try folder.store()
    try store.write(
      [Draft(kind: .chunk, target: nil, mutation: .chunk, content: content(Limits.contentBytesMax))],
      wall: name.wall)
    try store.write(
      [Draft](
        repeating: Draft(kind: .restore, target: conversation, mutation: .restore),
        count: Limits.operationsMax),
      wall: name.wall)
    #expect(try store.verify(scratch: folder.file("scratch")).faults == [])
  }

  @Test("A database without a log of its own, and a log that exists already")
  func logs() throws {
    let folder = try TemporaryFolder()
    let store = try folder.store()
    try expectRefusal(.notFound, by: store, in: folder, "no log") {
      _ = try store.write([Draft(kind: .chunk, target: nil, mutation: .chunk)], wall: 0)
    }
    let author = try Author(folder.store())
    let own = try #require(author.store.ownLog)
    let header = try #require(author.store.header(of: own))
    try expectRefusal(.exists, by: author.store, in: folder, "a log that exists") {
      try author.store.openLog(header, wall: 0)
    }
  }
}
