import AnabranchCore
import AnabranchTestSupport
import AnabranchWire
import Foundation
import GRDB
import SeededRandom
import Testing

@testable import AnabranchStore

@Suite("What can be read of a damaged database is read in its place")
struct ReadingDamagedTests {
  /// Two devices that talked; of the first one's database, which is closed.
  private func talk(_ folder: TemporaryFolder) throws -> (
    hash: Digest, vector: VersionVector, conversation: ObjectID, own: LogID
  ) {
    var (one, two) = (try Author(folder.store(), seed: 1), try Author(folder.store("2"), seed: 2))
    let conversation = try one.start("title")
    for turn in 0..<5 {
      try one.say("question \(turn)", in: conversation)
      try two.store.pull(from: one.store)
      try two.say("answer \(turn)", in: conversation, role: .assistant)
      try one.store.pull(from: two.store)
    }
    let result = (try one.store.stateHash(), one.store.vector, conversation, try #require(one.store.ownLog))
    try two.store.close()
    try one.store.close()
    return result
  }

  private func remains(_ folder: TemporaryFolder, isSigned: Bool = true) throws -> Remains {
    try Store.remains(
      of: folder.file("history.sqlite"), scratch: folder.file("scratch"), isSigned: { _, _ in isSigned })
  }

  /// Has a disk alter a change of a log.
  private func damage(_ folder: TemporaryFolder, change number: Int64, of log: LogID) throws {
    try folder.sqlite { db in
      let ordinal = try Int64.fetchOne(
        db, sql: "SELECT ordinal FROM log WHERE id = ?", arguments: [Data(log.bytes.bytes)])
      try db.execute(
        sql: "UPDATE change SET bytes = zeroblob(20) WHERE id = ?", arguments: [try #require(ordinal) << 32 + number])
    }
  }

  @Test(
    "All of it, where only what is made of the log is damaged",
    arguments: [
      "DELETE FROM message; UPDATE conversation SET tail = NULL", "DROP TABLE element",
      "UPDATE conversation SET fingerprint = zeroblob(32)",
    ])
  func views(damage: String) throws {
    let folder = try TemporaryFolder()
    let (hash, vector, conversation, own) = try talk(folder)
    try folder.sqlite { try $0.execute(sql: damage) }
    let before = try folder.bytes(of: "history.sqlite")
    let remains = try remains(folder)
    #expect(remains.salvage.isTakenOver && remains.store.vector == vector && !remains.isPageByPage)
    #expect(try remains.store.stateHash() == hash && remains.store.ownLog == own)
    #expect(try remains.store.verify(scratch: folder.file("verification")).faults == [])
    #expect(try remains.store.conversation(conversation)?.messages.count == 10)
    try remains.store.rewind(to: .changes([ChangeID(log: own, sequence: 3)]))
    let past = try #require(try remains.store.conversation(conversation)).messages.count
    #expect((1..<10).contains(past))
    #expect(try folder.bytes(of: "history.sqlite") == before && !folder.names.contains { $0.hasPrefix("scratch") })
  }

  @Test("Each log up to what is damaged, or builds on that; of others also what nobody has signed")
  func log() throws {
    let folder = try TemporaryFolder()
    let (_, vector, _, own) = try talk(folder)
    try damage(folder, change: 4, of: own)
    let remains = try remains(folder, isSigned: false)
    let other = try #require(vector.entries.first { $0.log != own }?.log)
    #expect(remains.store.vector[own] == 3 && remains.store.vector[other] > 0)
    #expect(!remains.salvage.isTakenOver && remains.salvage.losses.count == 2)
    #expect(
      remains.faults.contains { $0.message.contains("change 4 of log \(own) cannot be read") }, "\(remains.faults)")
    #expect(try remains.store.verify(scratch: folder.file("verification")).faults.filter { $0.part != .log } == [])
  }

  @Test(
    "A change that cannot be read is passed over and noted where contents are shown: what it said is not there, all else is"
  )
  func passedOver() throws {
    let folder = try TemporaryFolder()
    let (_, _, conversation, own) = try talk(folder)
    try damage(folder, change: 4, of: own)
    // Of this one only the words are others: that shows by its hash.
    try folder.sqlite { db in
      let sql = "SELECT id, bytes FROM change WHERE instr(bytes, CAST('question 2' AS BLOB))"
      let row = try #require(try Row.fetchOne(db, sql: sql))
      var bytes: Data = row["bytes"]
      let words = try #require(bytes.range(of: Data("question".utf8)))
      bytes.replaceSubrange(words, with: Data("########".utf8))
      try db.execute(sql: "UPDATE change SET bytes = ? WHERE id = ?", arguments: [bytes, row["id"] as Int64])
    }
    let store = try folder.store(access: .read)
    let error = #expect(throws: StoreError.self) { try store.conversation(conversation) }
    #expect(error?.code == .damaged)
    let lost = UnreadableChanges()
    try store.passOver(lost)
    let messages = try #require(try store.conversation(conversation)).messages
    #expect(messages.count == 10 && lost.changes.count == 2 && lost.changes.allSatisfy { $0.log == own })
    #expect(lost.changes.contains(ChangeID(log: own, sequence: 4)))
    let absent = messages.filter { $0.content == nil }
    #expect(absent.map(\.operation.change) == lost.changes && absent.allSatisfy { !$0.isPurged && $0.role == .user })
    #expect(messages.last?.content?.text == "answer 4")
    #expect(!messages.contains { $0.content?.text.contains("###") == true })
    let writing = try folder.store()
    #expect(throws: StoreError.self) { try writing.passOver(lost) }
  }

  @Test("What a daemon writes while remains are made is not seen, and so is no loss", arguments: [false, true])
  func besideWriter(hasDamage: Bool) throws {
    let folder = try TemporaryFolder()
    let (_, vector, conversation, own) = try talk(folder)
    if hasDamage { try damage(folder, change: 4, of: own) }
    var author = Author(with: try folder.store(), seed: 9)
    let device = author.random.digest()
    var writes = 0
    let remains = try Store.remains(of: folder.file("history.sqlite"), scratch: folder.file("scratch")) { _, _ in
      if writes == 0 {
        #expect(throws: Never.self) {
          try author.say("meanwhile", in: conversation)
          try author.store.save(
            PeerRecord(device: device, name: "phone", address: nil, vector: author.store.vector, contact: 7))
        }
      }
      writes += 1
      return true
    }
    #expect(writes > 0 && author.store.vector[own] == vector[own] + 1)
    let losses = remains.salvage.losses.filter { $0.log == own }.map(\.changes)
    #expect(losses == (hasDamage ? [4...vector[own]] : []))
    #expect(try remains.store.vector[own] == (hasDamage ? 3 : vector[own]) && remains.store.peers().isEmpty)
    #expect(remains.salvage.isOwnLogWhole == !hasDamage)
    // The writer is held up by nobody any more.
    #expect(try author.store.alone { db in try db.checkpoint(.truncate).walFrameCount } == 0)
  }

  @Test("Where a daemon writes while pages are read, those of a copy are")
  func pagesBesideWriter() throws {
    let folder = try TemporaryFolder()
    let (_, vector, conversation, own) = try talk(folder)
    var author = Author(with: try folder.store(), seed: 9)
    var writes: UInt32 = 0
    let found = try DamagedDatabase.found(in: folder.file("history.sqlite")) { () throws(StoreError) in
      do {
        try author.say("meanwhile", in: conversation)
        writes += 1
      } catch {
        throw StoreError(error, path: "")
      }
    }
    let last = try found.reading { db in
      try Int64.fetchOne(
        db,
        sql: "SELECT max(change.id) & 4294967295 FROM change JOIN log ON ordinal = change.id >> 32 WHERE log.id = ?",
        arguments: [Data(own.bytes.bytes)])
    }
    #expect(writes == 1 && last == Int64(vector[own]) + 1)
  }

  @Test("What weighs operations throws where one of them is lost, for it would be wrong without")
  func weighed() throws {
    let folder = try TemporaryFolder()
    var author = try Author(folder.store(), seed: 1)
    let own = try #require(author.store.ownLog)
    // The last change that each of these wrote.
    func last() -> Int64 { Int64(author.store.vector[own]) }
    let (titled, trashed) = (try author.start("first"), try author.start("thrown away"))
    let message = try author.say("words", in: titled)
    try author.title(titled, "second")
    let title = last()
    try author.trash(trashed)
    let trash = last()
    _ = try author.stream(", and some more", to: message)
    try author.store.sealOpenChange(wall: author.wall)
    let text = last()
    _ = try author.stream(" and more", to: message)
    try author.store.sealOpenChange(wall: author.wall)
    try author.store.close()

    typealias Reading = (Store) throws -> Void
    let readings: [(lost: Int64, shows: Reading, weighs: [Reading])] = [
      (
        title,
        { store in
          let title = try store.summary(of: titled)?.title
          #expect(title == nil)
        },
        [
          { _ = try $0.contenders(for: .title, of: titled) },
          { _ = try $0.facets(writtenBy: ChangeID(log: own, sequence: UInt32(title))) },
          { _ = try $0.conversation(titled, isCompared: true) },
        ]
      ),
      (
        trash,
        { store in
          let titles = try store.conversations(trashed: true).map(\.title)
          #expect(titles == ["thrown away"])
        },
        [{ _ = try $0.contenders(for: .trash, of: trashed) }, { _ = try $0.trash() }]
      ),
      (
        text,
        { store in
          let words = try store.message(message)?.message.content?.text
          #expect(words == "words, and some more and more")
        },
        [
          { _ = try $0.explanation(of: .body, of: message, limit: 5) },
          { _ = try $0.revisions(of: .body, of: message) },
        ]
      ),
    ]
    let sound = try folder.bytes(of: "history.sqlite")
    for (change, shows, weighs) in readings {
      try sound.write(to: URL(filePath: folder.file("history.sqlite")))
      try damage(folder, change: change, of: own)
      let (store, lost) = (try folder.store(access: .read), UnreadableChanges())
      try store.passOver(lost)
      try shows(store)
      var position: VersionVector?
      let always: [Reading] = [
        { _ = try $0.actions(before: &position, limit: 10) }, { _ = try $0.graph(limit: 10) },
      ]
      for (number, reading) in (weighs + always).enumerated() {
        let error = #expect(throws: StoreError.self, "change \(change), \(number)") { try reading(store) }
        #expect(error?.code == .damaged)
      }
      #expect(lost.changes.allSatisfy { $0 == ChangeID(log: own, sequence: UInt32(change)) })
      try store.close()
    }
  }

  @Test("Passed over is what says that a row is damaged, and nothing else")
  func damage() throws {
    let folder = try TemporaryFolder()
    let store = try Author(folder.store()).store
    var state = store.state
    let key = ChangeKey(ordinal: 0, sequence: 1)
    func passesOver(_ error: any Error) -> Bool {
      state.unreadable = UnreadableChanges()
      let read: Void? = try? state.passingOver(key) { throw error }
      return read == nil && state.unreadable?.changes.count == 1
    }
    let corrupt = DatabaseError(resultCode: .SQLITE_CORRUPT)
    for error: any Error in [corrupt, StoreError(unpackable: key)] { #expect(passesOver(error)) }
    for code: ResultCode in [.SQLITE_ERROR, .SQLITE_IOERR, .SQLITE_BUSY] {
      #expect(!passesOver(DatabaseError(resultCode: code, message: "no such table: change")), "\(code)")
    }
    #expect(!passesOver(StoreError(.io, "no disk")) && !passesOver(CancellationError()))
  }

  @Test("A page that names one beyond all that a file can have is damage, and no full disk")
  func farPage() throws {
    let folder = try TemporaryFolder()
    var author = try Author(folder.store(), seed: 1)
    let conversation = try author.start("title")
    // Longer than a page, and of letters that do not pack.
    var random = RandomStream(seed: 7)
    let letters = random.bytes(12_000).map { UInt8(33) + $0 % 90 }
    try author.say(String(decoding: letters, as: UTF8.self), in: conversation)
    try author.say("and more", in: conversation)
    try author.store.close()
    let overflow = try folder.sqlite { db in
      try Int.fetchOne(
        db, sql: "SELECT pageno FROM dbstat WHERE name = 'change' AND pagetype = 'overflow' ORDER BY pageno LIMIT 1")
    }
    let page = try #require(overflow)
    var bytes = try folder.bytes(of: "history.sqlite")
    bytes.replaceSubrange((page - 1) * 4_096..<(page - 1) * 4_096 + 4, with: Data([0xFF, 0xFF, 0xFF, 0xFE]))
    try bytes.write(to: URL(filePath: folder.file("history.sqlite")))
    let store = try folder.store(access: .read)
    let error = #expect(throws: StoreError.self) { try store.storageUse() }
    #expect(error?.code == .damaged, "\(error as Any)")
  }
}
