import AnabranchCore
import AnabranchTestSupport
import AnabranchWire
import Foundation
import GRDB
import SeededRandom
import Testing

@testable import AnabranchStore

@Suite("What is damaged beside the logs makes no repair impossible, and says nothing that is not so")
struct SalvageBesideTests {
  /// Two logs in one database, of which neither builds on the other: the phone's is number 0, the own one number 1. Both can be written on.
  private func twoLogs(_ folder: TemporaryFolder, phone changes: Int = 30) throws -> (own: Author, phone: LogID) {
    var phone = try Author(folder.store("phone"), seed: 1)
    let log = try #require(phone.store.ownLog)
    let store = try folder.store()
    let header = try #require(phone.store.heads.first { $0.log == log }?.header)
    try store.transaction { db, state in _ = try state.register(header, in: db) }
    var own = Author(with: store, seed: 2)
    try own.openLog()
    for turn in 0..<6 { try own.say("mine \(turn)", in: own.start()) }
    for turn in 0..<changes / 2 { try phone.say("theirs \(turn)", in: phone.start()) }
    try store.pull(from: phone.store)
    try phone.store.close()
    return (own, log)
  }

  private func salvage(_ folder: TemporaryFolder) throws -> (result: Salvage, store: Store) {
    let result = try Store.salvage(
      folder.file("history.sqlite"), into: folder.file("new"),
      isSigned: { checkpoint, _ in checkpoint.signature == noSignature })
    return (result, try folder.store("new"))
  }

  @Test(
    "Where a change right before one of the roster cannot be read, a repaired device knows nobody",
    arguments: ["UPDATE change SET hash = 7", "UPDATE change SET hash = zeroblob(32)", "DELETE FROM change"])
  func rosterBehindDamage(damage: String) throws {
    let folder = try TemporaryFolder()
    var author = try Author(folder.store())
    let (own, phone, tablet) = (try #require(author.store.ownLog), author.random.digest(), author.random.digest())
    try author.say("before", in: author.start())
    let space = try author.found()
    for turn in 0..<4 { try author.say("turn \(turn)", in: author.start()) }
    let before = author.store.vector[own]
    for device in [phone, tablet] { try author.enrol(device, into: space) }
    try author.remove(tablet, from: space)
    #expect(author.store.roster.members.map(\.role) == [.owner, .owner, .outsider])
    try author.store.close()
    try folder.sqlite { try $0.execute(sql: damage + " WHERE id = ?", arguments: [before]) }
    let (result, store) = try salvage(folder)
    #expect(result.losses.map(\.changes) == [before...before + 3] && store.vector[own] == before - 1)
    #expect(try store.formerRoster() == Store.FormerRoster())
    #expect(try store.verify(scratch: folder.file("scratch")).faults == [])
  }

  @Test(
    "Where it cannot be told what a note of the roster waits for, it holds, also after another repair",
    arguments: [
      "UPDATE setting SET value = x'0011'", "UPDATE setting SET value = x''", "DELETE FROM setting",
      "UPDATE setting SET value = x'39000000000000000100000000000000'",
      "UPDATE setting SET value = x'00000000000000390000000000000001'",
    ])
  func unknownWait(damage: String) throws {
    let folder = try TemporaryFolder()
    var author = try Author(folder.store())
    let (own, phone) = (try #require(author.store.ownLog), author.random.digest())
    let space = try author.found()
    try author.enrol(phone, into: space)
    try author.remove(phone, from: space)
    let conversation = try author.start()
    for turn in 0..<3 { try author.say("turn \(turn)", in: conversation) }
    let last = author.store.vector[own]
    try author.store.close()
    try folder.sqlite { db in
      try db.execute(sql: "DELETE FROM change WHERE id = ?", arguments: [last - 1])
      try Setting.formerOutsiders.set(Data(phone.bytes), in: db)
      try Setting.awaitedChanges.set(Data(KeyList.bytes([0, Int64(last)])), in: db)
    }
    let store = try salvage(folder).store
    #expect(try store.formerRoster().outsiders == [phone])
    try store.close()

    try folder.sqlite { try $0.execute(sql: damage + " WHERE name = 'awaited changes'") }
    let reading = try Store(at: folder.file("history.sqlite"), access: .read)
    #expect(try reading.formerRoster().outsiders == [phone])
    // One of nothing is none that anything is kept in here, and elsewhere it may be.
    #expect(
      try reading.settingFaults().count == (damage.hasSuffix("DELETE FROM setting") || damage.hasSuffix("x''") ? 0 : 1))
    try reading.close()
    let (result, repaired) = try salvage(folder)
    #expect(result.losses.map(\.changes) == [last - 1...last])
    #expect(try repaired.formerRoster().outsiders == [phone])
    let noted = try repaired.reading { db in try Setting.awaitedChanges.get(Data.self, in: db) }
    #expect(try noted.flatMap { noted in try repaired.reading { _ in repaired.state.vector(exactly: noted) } } == nil)
  }

  @Test("What a repair could not keep is of the branch that was held, once the log forks")
  func unkeptAtAFork() throws {
    var fleet = try Fleet(seed: 4)
    try fleet.add()
    let conversation = try fleet.authors[0].start("common")
    try fleet.copy(0)
    for number in 0..<2 { try fleet.authors[number].say("of \(number)", in: conversation) }
    let (store, log) = (fleet.authors[0].store, try #require(fleet.authors[0].store.ownLog))
    let (common, hash) = (store.vector[log] - 1, try #require(store.head(of: log)?.hash))
    // A note that was altered says nothing, and is not made to.
    let altered = Data(KeyList.bytes([0, Int64(common) + 9, 0]))
    try store.transaction { db, state in
      try Setting.unkeptChanges.set(state.stored(VersionVector([(log, common + 9)])), in: db)
      try Setting.awaitedChanges.set(altered, in: db)
    }
    #expect(try store.unkeptChanges() == [UnkeptStretch(log: log, changes: common + 2...common + 9)])
    try fleet.pull(0, from: 1)
    let branch = try #require(store.branches.branches(after: log).first { store.head(of: $0)?.hash == hash })
    #expect(try store.unkeptChanges() == [UnkeptStretch(log: branch, changes: 2...9)])
    #expect(try store.reading { db in try Setting.awaitedChanges.get(Data.self, in: db) } == altered)
  }

  @Test(
    "Words that were not sealed and cannot be read are lost alone",
    arguments: [
      "UPDATE open_operation SET draft = x'ffff'", "UPDATE open_operation SET draft = x''",
      "UPDATE open_operation SET draft = 7", "DELETE FROM open_operation", "DELETE FROM open_change",
      "UPDATE open_change SET id = id + 1", "UPDATE open_change SET id = id + 4294967296",
    ])
  func openWords(damage: String) throws {
    let folder = try TemporaryFolder()
    var author = try Author(folder.store())
    let message = try author.say("begun", in: author.start())
    try author.stream(" and going on", to: message)
    let (vector, hash) = (author.store.vector, try author.store.stateHash())
    try author.store.close()
    try folder.sqlite { try $0.execute(sql: damage) }
    let (result, store) = try salvage(folder)
    #expect(result.faults.count { $0.contains("not sealed") } == 1)
    // An open change is the next one: where it is of a later number, those before it were used.
    #expect(result.isOwnLogWhole == !damage.hasSuffix("+ 1") && result.losses.isEmpty == result.isOwnLogWhole)
    #expect(!store.hasOpenChange)
    #expect(try store.vector == vector && store.stateHash() == hash)
    let remains = try Store.remains(of: folder.file("history.sqlite"), scratch: folder.file("remains"))
    #expect(try remains.store.stateHash() == hash)
  }

  @Test("Where logs get other numbers, nothing is read by the old ones: neither what others have nor unsealed words")
  func otherNumbers() throws {
    let folder = try TemporaryFolder()
    var (author, phone) = try twoLogs(folder)
    let own = try #require(author.store.ownLog)
    let last = author.store.vector[own]
    #expect(author.store.vector[phone] > last + 5)
    try author.store.save(
      PeerRecord(device: author.random.digest(), name: "phone", address: nil, vector: author.store.vector, contact: 7))
    try author.store.checkpoint()
    try FileManager.default.copyItem(atPath: folder.file("history.sqlite"), toPath: folder.file("sealed"))
    let message = try author.say("begun", in: author.start())
    try author.stream(" and going on", to: message)
    try author.store.close()
    try folder.sqlite { try $0.execute(sql: "DELETE FROM log WHERE ordinal = 0") }
    let (result, store) = try salvage(folder)
    #expect(result.losses.filter { $0.changes.upperBound > author.store.vector[own] } == [])
    #expect(result.faults.count { $0.contains("not sealed") } == 1 && !result.isOwnLogWhole && !store.hasOpenChange)
    #expect(try store.peers().map(\.vector) == [VersionVector()])
    #expect(store.vector[own] == last)
    try store.close()

    Store.remove(at: folder.file("history.sqlite"))
    try FileManager.default.moveItem(atPath: folder.file("sealed"), toPath: folder.file("history.sqlite"))
    try folder.sqlite { db in
      // Another device has one more: that is said by the number which the own log had.
      let vector = KeyList.bytes([0, 900, 1, Int64(last) + 1])
      try db.execute(sql: "UPDATE peer SET vector = ?; DELETE FROM log WHERE ordinal = 0", arguments: [Data(vector)])
    }
    let (short, _) = try salvage(folder)
    #expect(short.losses.map(\.log) == [own] && short.losses.map(\.changes) == [last + 1...last + 1])
    #expect(!short.faults.contains { $0.contains("not sealed") })
  }

  @Test(
    "How far the own log is known to have gone: by what others build on, by what was noted, by what another device has",
    arguments: [
      ("frontier", true), ("open", true), ("peer", false),
    ])
  func knownEnd(source: String, isFault: Bool) throws {
    let folder = try TemporaryFolder()
    let (author, _) = try twoLogs(folder)
    var random = author.random
    try author.store.save(
      PeerRecord(device: random.digest(), name: "phone", address: nil, vector: VersionVector(), contact: 7))
    let own = try #require(author.store.ownLog)
    let last = author.store.vector[own]
    try author.store.close()
    func survey(unopened: String? = nil) throws -> Verification {
      try Store.survey(
        damaged: folder.file("history.sqlite"), unopened: unopened,
        isSigned: { checkpoint, _ in checkpoint.signature == noSignature })
    }
    #expect(try survey().faults == [] && survey(unopened: "no").messages == ["no"])
    #expect(try survey().logs.allSatisfy { $0.known == $0.sound })
    try folder.sqlite { db in
      let ordinal = try Int64.fetchOne(
        db, sql: "SELECT ordinal FROM log WHERE id = ?", arguments: [Data(own.bytes.bytes)])
      let number = Int64(last) + 3
      switch source {
      case "frontier": try Setting.frontier.set(Data(KeyList.bytes([number])), in: db)
      case "open":
        try db.execute(
          sql: "INSERT OR REPLACE INTO open_change VALUES(?, 1, 1, 1)",
          arguments: [#require(ordinal) << 32 + number + 1])
      default:
        let words = try KeyList.bytes([#require(ordinal), number])
        try db.execute(sql: "UPDATE peer SET vector = ?", arguments: [Data(words)])
      }
    }
    let found = try survey()
    let log = try #require(found.logs.first { $0.log == own })
    #expect(log.known == last + 3 && log.sound == last && log.last == last)
    // Another device may also have what was written before a disk was set back.
    let words = "changes \(last + 1) to \(last + 3) of log \(own)"
    #expect(found.messages.contains { $0.contains(words) } == isFault, "\(found.messages)")
    // Of a file that cannot be opened that is no other history.
    let unopened = try survey(unopened: "it cannot be opened").messages
    #expect(unopened.first == "it cannot be opened" && unopened.contains { $0.contains(words) }, "\(unopened)")
    #expect(try salvage(folder).result.losses.map(\.changes) == [last + 1...last + 3])
    // Page by page words that are not sealed are not looked for.
    guard source != "open" else { return }
    let handle = try FileHandle(forUpdating: URL(filePath: folder.file("history.sqlite")))
    try handle.write(contentsOf: Data(repeating: 0xA5, count: 100))
    try handle.close()
    #expect(try survey().messages.contains { $0.contains(words) })
  }

  @Test("How far the own log is known to have gone: by what others build on")
  func builtEnd() throws {
    let folder = try TemporaryFolder()
    var (author, phone) = (try Author(folder.store(), seed: 1), try Author(folder.store("phone"), seed: 2))
    let conversation = try author.start("title")
    for turn in 0..<3 { try author.say("mine \(turn)", in: conversation) }
    try phone.store.pull(from: author.store)
    try phone.say("theirs", in: conversation)
    try author.store.pull(from: phone.store)
    let own = try #require(author.store.ownLog)
    let last = author.store.vector[own]
    try author.store.close()
    try folder.sqlite { db in
      // Else that would say so, too.
      try db.execute(
        sql: """
          DELETE FROM setting WHERE name = 'frontier';
          DELETE FROM change WHERE id = (SELECT ordinal << 32 | \(last) FROM log WHERE id = x'\(own)')
          """)
    }
    let found = try Store.survey(
      damaged: folder.file("history.sqlite"), isSigned: { checkpoint, _ in checkpoint.signature == noSignature })
    let log = try #require(found.logs.first { $0.log == own })
    #expect(log.known == last && log.sound == last - 1)
    #expect(found.messages == ["change \(last) of log \(own) is not there, and others build on that"])
  }

  @Test("A note of the space that is malformed is damage, and a repair has the roster tell it again")
  func malformedSpace() throws {
    let folder = try TemporaryFolder()
    var author = try Author(folder.store())
    let space = try author.found()
    try author.say("before", in: author.start())
    try author.store.close()
    try folder.sqlite { try $0.execute(sql: "UPDATE setting SET value = x'0011' WHERE name = 'roster space'") }
    let reading = try Store(at: folder.file("history.sqlite"), access: .read)
    let messages = try reading.verify(scratch: folder.file("scratch")).messages
    #expect(messages.contains { $0.contains("is not the space that it belonged to") }, "\(messages)")
    try reading.close()
    let store = try salvage(folder).store
    #expect(try store.space == space && store.verify(scratch: folder.file("scratch")).faults == [])
  }

  @Test(
    "Where it cannot be read how far the own log went, it does not go on",
    arguments: [
      "UPDATE setting SET value = 7 WHERE name = 'frontier'", "UPDATE peer SET vector = x'0011'",
      "UPDATE peer SET vector = x'0000000000000000ffffffffffffffff'",
      "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET rootpage = 2000 WHERE name = 'peer'",
      "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET rootpage = 2000 WHERE name = 'open_change'",
    ])
  func unknownEnd(damage: String) throws {
    let folder = try TemporaryFolder()
    let (author, _) = try twoLogs(folder)
    var random = author.random
    try author.store.save(
      PeerRecord(device: random.digest(), name: "phone", address: nil, vector: author.store.vector, contact: 7))
    let vector = author.store.vector
    try author.store.close()
    #expect(try salvage(folder).result.isOwnLogWhole)
    try folder.sqlite { try $0.execute(sql: damage) }
    let (result, store) = try salvage(folder)
    #expect(result.losses == [] && !result.isOwnLogWhole && store.vector == vector)
  }

  @Test("Of what is known of others a row that cannot be is left out alone")
  func rowsOfOthers() throws {
    let folder = try TemporaryFolder()
    let (author, _) = try twoLogs(folder)
    var random = author.random
    let peer = PeerRecord(
      device: random.digest(), name: "phone", address: nil, vector: author.store.vector, contact: 7)
    try author.store.save(peer)
    try author.store.close()
    try folder.sqlite { db in
      try db.execute(
        sql: """
          INSERT INTO peer VALUES(x'00', x'00', NULL, x'', 1), (zeroblob(33), x'00', NULL, x'', 1), (7, x'00', NULL, x'', 1),
            (zeroblob(32), 7, NULL, x'', 1), (randomblob(32), x'00', 1.5, x'', 1), (randomblob(32), x'00', NULL, x'', 'no');
          INSERT INTO blob_holder VALUES(x'00', zeroblob(32)), (zeroblob(32), 'none');
          INSERT INTO preference VALUES(x'00', 7);
          """)
    }
    let (result, store) = try salvage(folder)
    let names = ["peer", "preference", "blob_holder"]
    #expect(result.losses == [] && result.faults == names.map { "not all of the table \($0) is what it can be" })
    #expect(try store.peers() == [peer])
    #expect(try store.rowCounts().filter { ["blob_holder", "preference"].contains($0.key) && $0.value > 0 } == [:])
    #expect(try store.verify(scratch: folder.file("scratch")).faults == [])
  }

  @Test("Changes of a log that has no row are named, in whichever order logs came", arguments: [0, 1])
  func logWithoutRow(ordinal: Int) throws {
    let folder = try TemporaryFolder()
    try twoLogs(folder).own.store.close()
    try folder.sqlite { try $0.execute(sql: "DELETE FROM log WHERE ordinal = \(ordinal)") }
    let (result, store) = try salvage(folder)
    #expect(result.faults.count { $0.contains("log number \(ordinal)") } == 1 && !result.isOwnLogWhole)
    #expect(store.vector.entries.count == 1)
    #expect(try store.verify(scratch: folder.file("scratch")).faults == [])
  }

  @Test(
    "Where SQLite finds no change, as where a table is defined otherwise, or empty, pages are looked at",
    arguments: [true, false])
  func noChange(isEmpty: Bool) throws {
    let folder = try TemporaryFolder()
    let (author, _) = try twoLogs(folder)
    let (vector, hash) = (author.store.vector, try author.store.stateHash())
    try author.store.close()
    var bytes = try folder.bytes(of: "history.sqlite")
    if isEmpty {
      let root = try folder.sqlite { db in
        try Int.fetchOne(db, sql: "SELECT rootpage FROM sqlite_schema WHERE name = 'log'")
      }
      // The page that has the rows is written elsewhere, and an empty one in its place.
      let place = try (#require(root) - 1) * 4_096..<#require(root) * 4_096
      bytes += bytes[place]
      bytes.replaceSubrange(place, with: Data([13, 0, 0, 0, 0, 16, 0, 0] + [UInt8](repeating: 0, count: 4_088)))
    } else {
      let definition = try #require(bytes.range(of: Data("TABLE change(\n  id INTEGER PR".utf8)))
      bytes[definition.upperBound - 1] ^= 1
    }
    try bytes.write(to: URL(filePath: folder.file("history.sqlite")))
    let (result, store) = try salvage(folder)
    #expect(result.losses == [] && result.faults == [DamagedDatabase.foundWords])
    #expect(try store.vector == vector && store.stateHash() == hash)
  }
}
