import AnabranchCore
import AnabranchTestSupport
import AnabranchWire
import GRDB
import SeededRandom
import Testing

@testable import AnabranchStore
@testable import AnabranchSync

@Suite("Signatures that are kept")
struct CheckpointTests {
  /// An author whose store signs, and takes nothing that is not signed by whoever opened the log.
  private func author(_ folder: TemporaryFolder, _ name: String, seed: UInt64) throws -> Author {
    var author = try Author(folder.store("\(name).sqlite"), seed: seed)
    let device = author.random.digest()
    try author.store.openLog(.device(key: device, nonce: author.random.bytes16()), wall: author.wall)
    author.store.signer = LogSigner(device: device) { Self.signature(of: $0, by: device) }
    author.store.isSigned = Self.isSigned
    return author
  }

  /// Stands for a signature: nobody forges one here, and this takes a hundredth of the time.
  private static func signature(of hash: Digest, by device: Digest) -> [UInt8] {
    hash.bytes + device.bytes
  }

  private static func isSigned(_ checkpoint: Checkpoint, _ header: LogHeader) -> Bool {
    guard case .device(let key, _) = header else { return false }
    return checkpoint.signature
      == signature(of: Checkpoint.signedHash(of: checkpoint.change, hash: checkpoint.hash), by: key)
  }

  /// At which changes a signature is kept that is not the author's.
  private func forged(_ store: Store) throws -> [UInt32] {
    let survey = try store.reading { db in try LogSurvey(db, isSigned: store.isSigned) }
    #expect(survey.tableFaults == [] && survey.logs.allSatisfy(\.isWhole))
    return survey.logs.flatMap(\.soundness.forged)
  }

  /// Takes over what `other` holds and can prove, as a session does, up to `batchesMax` batches.
  private func pull(_ store: Store, from other: Store, bytesMax: Int = 2_048, batchesMax: Int = .max) throws
    -> ReadBatch
  {
    var last = ReadBatch()
    for _ in 0..<batchesMax {
      last = try other.batch(ReadRequest(held: other.provable, known: store.provable, bytesMax: bytesMax))
      guard !last.runs.isEmpty else { break }
      let runs = last.runs.map {
        IncomingBatch.Run(log: $0.log, header: $0.header, first: $0.first, changes: $0.changes)
      }
      let signatures = last.checkpoints.reduce(into: [:]) { $0[$1.change.log] = $1.signature }
      _ = try store.receive(
        IncomingBatch(runs: runs, headers: last.headers.byName, signatures: signatures, exclusions: Exclusions()),
        wall: someWall)
    }
    return last
  }

  private func own(_ store: Store) throws -> [UInt32] {
    try store.signedSequences(of: #require(store.ownLog))
  }

  @Test("An answer that streams keeps one signature, here and where it came live")
  func streamed() throws {
    let folder = try TemporaryFolder()
    var writer = try author(folder, "writer", seed: 1)
    let reader = try author(folder, "reader", seed: 2)
    let conversation = try writer.start()
    let message = try writer.say("", in: conversation)
    for _ in 1...20 {
      try writer.stream("two seconds of it ", to: message)
      _ = try writer.store.sealOpenChange(wall: writer.wall)
      _ = try pull(reader.store, from: writer.store)
    }
    let log = try #require(writer.store.ownLog)
    let head = writer.store.vector[log]
    #expect(head == 22)
    #expect(try own(writer.store) == [head])
    #expect(try reader.store.signedSequences(of: log) == [head])
    #expect(try forged(writer.store) == [])
    #expect(try forged(reader.store) == [])
  }

  @Test("One stays before what builds on another log, and one every 16 KiB")
  func kept() throws {
    let folder = try TemporaryFolder()
    var here = try author(folder, "here", seed: 3)
    var there = try author(folder, "there", seed: 4)
    let conversation = try here.start()
    try here.say("a", in: conversation)
    try here.say("b", in: conversation)
    _ = try pull(there.store, from: here.store)
    try there.say("from there", in: conversation)
    #expect(try own(here.store) == [3])
    _ = try pull(here.store, from: there.store)
    try here.say("after that", in: conversation)
    try here.say("and more", in: conversation)
    #expect(try own(here.store) == [3, 5])
    for _ in 1...10 { try here.say(String(repeating: "long ", count: 1_500), in: conversation) }
    let signed = try own(here.store)
    #expect((5...8).contains(signed.count))
    #expect(signed.last == here.store.vector[try #require(here.store.ownLog)])
  }

  @Test("A long transaction is signed within, so that no step is longer than a frame")
  func long() throws {
    let folder = try TemporaryFolder()
    var here = try author(folder, "here", seed: 5)
    let conversation = try here.start()
    let store = here.store
    try store.atomically { () throws(StoreError) in
      do {
        for _ in 1...40 { try here.say(String(repeating: "a long transaction ", count: 1_000), in: conversation) }
      } catch {
        throw StoreError(.io, "\(error)")
      }
    }
    // A message is some 19 kB: seven come to 128 KiB.
    #expect(try own(store) == [1, 8, 15, 22, 29, 36, 41])
    let copy = try folder.store("copy.sqlite")
    copy.isSigned = Self.isSigned
    #expect(try pull(copy, from: store, bytesMax: .max, batchesMax: 1).runs.isEmpty == false)
    #expect(copy.vector == store.vector)
  }

  @Test("Where it is not to be signed at once, it is when it is asked for, and before it is backed up")
  func asked() throws {
    let folder = try TemporaryFolder()
    var here = try author(folder, "here", seed: 6)
    here.store.signsAtOnce = false
    let conversation = try here.start()
    try here.say("one", in: conversation)
    #expect(try own(here.store) == [] && here.store.hasUnsigned && here.store.unproved == 0)
    let there = try folder.store("there.sqlite")
    there.isSigned = Self.isSigned
    _ = try pull(there, from: here.store)
    #expect(there.vector == here.store.vector, "what is sent is signed as it goes out")
    try here.store.sign()
    #expect(try own(here.store) == [2] && !here.store.hasUnsigned)
    try here.say("two", in: conversation)
    try here.store.backUp(to: folder.file("backup.sqlite"))
    let backup = try Store(at: folder.file("backup.sqlite"), access: .read)
    #expect(backup.unproved == 0 && backup.provable == here.store.vector)
    try here.store.sign()
    try here.store.sign()
    #expect(try own(here.store) == [3], "nothing is signed twice")
  }

  @Test("What cannot be proved is built on only where something refers to it")
  func unproved() throws {
    let folder = try TemporaryFolder()
    var here = try author(folder, "here", seed: 7)
    var there = try author(folder, "there", seed: 8)
    let conversation = try here.start()
    try here.say("proved", in: conversation)
    _ = try pull(there.store, from: here.store)
    try there.say("from there", in: conversation)
    _ = try pull(here.store, from: there.store)
    try here.say("not proved", in: conversation)
    _ = try pull(there.store, from: here.store)
    let log = try #require(here.store.ownLog)
    // As where a batch was kept in part, or a copy was made before its author signed.
    try there.store.transaction { db, _ in
      try db.execute(
        sql: "UPDATE change SET signature = NULL WHERE id = (SELECT max(id) FROM change WHERE id >> 32 = ?)",
        arguments: [there.store.state.ordinal(of: log)])
    }
    there = try there.reopened(folder.store("there.sqlite"))
    #expect(there.store.unproved == 1)
    func reach() throws -> UInt32? {
      try there.store.sealedChanges().last { $0.change.id.log == there.store.ownLog }?.change.dependencies
        .first { $0.change.log == log }?.change.sequence
    }
    try there.tag(conversation, "later")
    #expect(try reach() == 2)
    // Its author answers what it sees, and deletes what it sees.
    try there.say("an answer", in: conversation)
    #expect(try reach() == 3)
    try there.tag(conversation, "later still")
    #expect(try reach() == 2)
    try there.trash(conversation)
    #expect(try reach() == 3)
  }

  @Test("What this device wrote is signed before what comes builds on it")
  func receiving() throws {
    let folder = try TemporaryFolder()
    var here = try author(folder, "here", seed: 9)
    var there = try author(folder, "there", seed: 10)
    let conversation = try there.start()
    _ = try pull(here.store, from: there.store)
    here.store.signsAtOnce = false
    for _ in 1...3 {
      try here.say("in a burst", in: conversation)
      #expect(here.store.hasUnsigned)
      _ = try pull(there.store, from: here.store)
      try there.say("an answer", in: conversation)
      _ = try pull(here.store, from: there.store)
      #expect(!here.store.hasUnsigned)
    }
    #expect(try own(here.store) == [2, 3, 4] || own(here.store) == [1, 2, 3])
  }

  @Test("Whatever way histories went, what is proved can be passed on", arguments: UInt64(0)..<12)
  func relayed(seed: UInt64) throws {
    var random = RandomStream(seed: seed)
    let folder = try TemporaryFolder()
    var authors = try (0..<3).map { try author(folder, "a\($0)", seed: seed &* 8 &+ UInt64($0)) }
    var relays = try (0..<2).map { try author(folder, "r\($0)", seed: seed &* 8 &+ 5 &+ UInt64($0)).store }
    for store in relays { store.signer = nil }
    let conversation = try authors[0].start()
    relays += authors.map(\.store)
    for _ in 1...60 {
      if random.chance(3, in: 5) {
        let place = random.number(in: 0...2)
        guard try authors[place].store.tips(of: conversation) != nil else { continue }
        try authors[place].say(String(repeating: "word ", count: random.number(in: 1...300)), in: conversation)
      } else {
        let (from, to) = (random.number(in: 0...4), random.number(in: 0...4))
        guard from != to else { continue }
        let read = try pull(
          relays[to], from: relays[from], bytesMax: random.number(in: 1...4_000), batchesMax: random.number(in: 1...3))
        #expect(read.unsigned.isEmpty)
      }
    }
    for store in relays {
      let fresh = try folder.store("fresh-\(random.bytes16()).sqlite")
      fresh.isSigned = Self.isSigned
      #expect(try pull(fresh, from: store).unsigned.isEmpty)
      #expect(fresh.vector == store.vector)
      #expect(try forged(store) == [])
      #expect(try forged(fresh) == [])
    }
  }
}
