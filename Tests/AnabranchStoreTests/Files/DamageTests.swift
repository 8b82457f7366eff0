import AnabranchCore
import AnabranchTestSupport
import Foundation
import GRDB
import SeededRandom
import Testing

@testable import AnabranchStore

@Suite("Damage is found and named")
struct DamageTests {
  private func history(
    _ folder: TemporaryFolder, tailBytesMax: Int = MessageTail.bytesMax
  ) throws -> (store: Store, conversation: ObjectID) {
    var (one, two) = (try Author(folder.store(), seed: 1), try Author(folder.store("2"), seed: 2))
    one.store.tailBytesMax = tailBytesMax
    let conversation = try one.start("title")
    let message = try one.say("question", in: conversation)
    try one.tag(conversation, "tag")
    try one.stream(" goes on", to: message)
    try one.store.sealOpenChange(wall: one.wall)
    try one.importMessage("imported", named: "m", in: "c", updated: 3)
    try two.store.pull(from: one.store)
    try two.say("answer", in: conversation, role: .assistant)
    try two.title(conversation, "another")
    // An action of two changes.
    let draft = two.message("more", in: conversation, after: [message])
    try two.store.write([draft], wall: two.wall, continuing: two.store.head(of: #require(two.store.ownLog))?.sequence)
    try two.trash(conversation)
    try two.restore(conversation)
    try one.store.pull(from: two.store)
    return (one.store, conversation)
  }

  /// What verify says, or what kept it from being run at all.
  private func faults(_ folder: TemporaryFolder) throws -> [String] {
    do {
      let store = try folder.store()
      let found = try store.verify(scratch: folder.file("scratch"))
      #expect(try folder.names.contains { $0.hasPrefix("scratch") } == false)
      return found.messages
    } catch let error as StoreError {
      #expect(error.code == .damaged)
      return [error.message]
    }
  }

  @Test(
    "In the log",
    arguments: [
      ("UPDATE change SET bytes = substr(bytes, 1, length(bytes) - 1) WHERE id = 2", ["change 2 of log"]),
      ("UPDATE change SET bytes = zeroblob(length(bytes)) WHERE id = 2", ["change 2"]),
      ("UPDATE change SET hash = zeroblob(32) WHERE id = 3", ["change 3 of log"]),
      ("UPDATE change SET hash = zeroblob(32) WHERE id = (SELECT max(id) FROM change)", ["change"]),
      ("UPDATE change SET hash = x'00' WHERE id = (SELECT max(id) FROM change)", ["has no hash"]),
      ("UPDATE change SET bytes = 'text' WHERE id = 2", ["change 2"]),
      ("UPDATE change SET hash = 7 WHERE id = (SELECT max(id) FROM change)", ["damaged"]),
      ("DELETE FROM change WHERE id = 2", ["change 2 of log", "missing"]),
      ("DELETE FROM change WHERE id = 1", ["change 1 of log", "missing"]),
      (
        "INSERT INTO change SELECT id + (9 << 32), hash, signature, bytes FROM change WHERE id = 1",
        ["changes of log number 9"]
      ),
      (
        "INSERT INTO change SELECT -id, hash, signature, bytes FROM change WHERE id = 1", ["1 changes stand outside"]
      ),
      ("UPDATE change SET bytes = (SELECT bytes FROM change WHERE id = 3) WHERE id = 2", ["change 2 of log"]),
      (
        "UPDATE change SET signature = zeroblob(64) WHERE signature IS NOT NULL",
        ["is not what its author signed at change"]
      ), ("UPDATE log SET header = x'77' WHERE ordinal = 0", ["damaged"]),
      ("UPDATE log SET id = x'00' WHERE ordinal = 1", ["table of logs", "log 1"]),
      ("DELETE FROM log WHERE ordinal = 0", ["table of logs"]),
      (
        "UPDATE setting SET value = x'0000000000000000000000630000000100000063' WHERE name = 'frontier'",
        ["the frontier"]
      ),
      ("DELETE FROM setting WHERE name = 'frontier'", ["the frontier is not that of the log"]),
    ])
  func log(sql: String, expected: [String]) throws {
    let folder = try TemporaryFolder()
    try history(folder).store.close()
    try folder.sqlite { try $0.execute(sql: sql) }
    let found = try faults(folder)
    #expect(!found.isEmpty)
    for word in expected { #expect(found.joined().contains(word), "\(found)") }
  }

  @Test("In a page at which SQLite gives up: the table is named", arguments: [0, 8])
  func unreadableTable(offset: UInt64) throws {
    let folder = try TemporaryFolder()
    try history(folder).store.close()
    var root: Int64 = 0
    try folder.sqlite {
      root = try Int64.fetchOne($0, sql: "SELECT rootpage FROM sqlite_schema WHERE name = 'register'") ?? 0
    }
    let file = try FileHandle(forUpdating: URL(fileURLWithPath: folder.file("history.sqlite")))
    try file.seek(toOffset: UInt64(root - 1) * 4_096 + offset)
    try file.write(contentsOf: Data(repeating: 0xFF, count: 4))
    try file.close()
    let found = try faults(folder)
    #expect(
      found.contains { $0.hasSuffix("the table register, or an index of it, cannot be read to its end") }, "\(found)")
    #expect(!found.contains { $0.contains("the table message,") }, "\(found)")
  }

  @Test(
    "In what another device is known to have",
    arguments: ["x'ffff'", "x'0000000000000fff0000000000000001'", "x'0000000000000000ffffffffffffffff'", "7"])
  func peer(vector: String) throws {
    let folder = try TemporaryFolder()
    let (store, _) = try history(folder)
    try store.save(PeerRecord(device: .zero, name: "phone", address: nil, vector: store.vector, contact: 1))
    #expect(try store.verify(scratch: folder.file("scratch")).faults == [])
    try store.close()
    try folder.sqlite { try $0.execute(sql: "UPDATE peer SET vector = \(vector)") }
    #expect(try faults(folder) == ["what the device 00000000 is known to have cannot be read"])
    _ = try Store.salvage(folder.file("history.sqlite"), into: folder.file("new"))
    #expect(try folder.store("new").peers().map(\.vector) == [VersionVector()])
  }

  @Test("In the list of tables, of which one is lost")
  func lostTable() throws {
    let folder = try TemporaryFolder()
    try history(folder).store.close()
    try folder.sqlite { try $0.execute(sql: "DROP TABLE change") }
    let error = #expect(throws: StoreError.self) { try folder.store().conversations() }
    #expect(error?.code == .damaged && error?.remedy.contains("anabranch inspect check") == true, "\(error as Any)")
  }

  @Test("In the file's length, where no row lies")
  func cutShort() throws {
    let folder = try TemporaryFolder()
    try history(folder).store.close()
    // Pages at the end that hold nothing, and a write-ahead log by which they are there.
    try folder.sqlite {
      try $0.execute(sql: "CREATE TABLE junk(x); INSERT INTO junk VALUES(zeroblob(2000000)); DROP TABLE junk")
    }
    var author = try Author(folder.store(), seed: 3)
    _ = try author.start("another")
    // By what another device has, the last change of the own log is not here.
    let own = try #require(author.store.ownLog)
    let told = VersionVector([(own, author.store.vector[own] + 1)])
    try author.store.save(
      PeerRecord(device: author.random.digest(), name: "phone", address: nil, vector: told, contact: 7))
    #expect(try author.store.verify(scratch: folder.file("scratch")).faults == [])
    // That has moved the write-ahead log into the file.
    try author.store.save(
      PeerRecord(device: author.random.digest(), name: "tablet", address: nil, vector: told, contact: 8))
    let file = try FileHandle(forUpdating: URL(fileURLWithPath: folder.file("history.sqlite")))
    try file.truncate(atOffset: file.seekToEnd() - 1_900_000 / 4_096 * 4_096)
    try file.close()
    #expect(try author.store.conversations().count == 3)
    let faults = try author.store.verify(scratch: folder.file("scratch")).messages
    #expect(faults.count == 2 && faults[0].contains("cut short"), "\(faults)")
    #expect(faults.last == "change \(told[own]) of log \(own) is not there, and another device has that", "\(faults)")
  }

  @Test("In the name of a log that the header does not bear out")
  func exchangedHeaders() throws {
    let folder = try TemporaryFolder()
    try history(folder).store.close()
    try folder.sqlite {
      try $0.execute(
        sql: "UPDATE log SET header = (SELECT header FROM log WHERE ordinal = 1) WHERE ordinal = 0")
    }
    #expect(try !faults(folder).isEmpty)
  }

  @Test(
    "In the views",
    arguments: [
      "UPDATE conversation SET messages = messages + 1",
      "UPDATE conversation SET updated = updated + 1",
      "UPDATE conversation SET created = created + 1",
      "UPDATE conversation SET trashed = 1",
      "UPDATE conversation SET fingerprint = zeroblob(32)",
      "UPDATE conversation SET fingerprint = 'x'",
      "UPDATE conversation SET tips = x''",
      "UPDATE conversation SET tips = x'7fffffffffffffff7fffffffffffffff'",
      "UPDATE conversation SET activity = x''",
      "UPDATE conversation SET source = 99",
      "UPDATE conversation SET created = 'yesterday'",
      "DELETE FROM conversation WHERE key > 0",
      "DELETE FROM conversation WHERE key < 0",
      "INSERT INTO conversation(key, tips, activity, fingerprint) VALUES(77, x'', x'', zeroblob(32))",
      "UPDATE message SET role = role + 1",
      "UPDATE message SET created = created + 1",
      "UPDATE message SET created = 'yesterday'",
      "UPDATE message SET parent = NULL",
      "UPDATE message SET parent = 9223372036854775807",
      "UPDATE message SET parents = x'ffffffffffffff00'",
      "UPDATE message SET line = key",
      "UPDATE message SET origin = 5 WHERE origin IS NOT NULL",
      "DELETE FROM message WHERE parent IS NULL",
      "UPDATE conversation SET tail = NULL",
      "UPDATE conversation SET tail = x''",
      "UPDATE conversation SET tail = x'ff'",
      "UPDATE conversation SET tail = x'0001000300'",
      "UPDATE conversation SET tail = 'later'",
      "UPDATE conversation SET tail = 7",
      "DELETE FROM edit",
      "INSERT INTO edit VALUES(77, 1, 78, NULL, NULL)",
      "DELETE FROM register",
      "UPDATE register SET time = time + 1",
      "INSERT INTO register VALUES(77, 1, 78, 5)",
      "DELETE FROM element",
      "INSERT INTO element VALUES(77, 1, 78)",
      "DELETE FROM deletion",
      "INSERT INTO deletion VALUES(77, 9223372036854775807)",
      "UPDATE imported SET id = zeroblob(16) WHERE number = 1",
      "UPDATE imported SET id = x'00' WHERE number = 1",
      "DELETE FROM imported WHERE number = 1",
      "INSERT INTO imported VALUES(99, zeroblob(16), NULL, NULL)",
      "UPDATE action SET last = 'later'",
      "UPDATE action SET messages = messages + 1",
      "UPDATE element SET operation = operation + 1",
      "UPDATE deletion SET operation = operation + 1",
    ])
  func views(sql: String) throws {
    let folder = try TemporaryFolder()
    // Whatever is to be damaged has to be there.
    let (store, conversation) = try history(folder, tailBytesMax: sql.contains("message") ? 0 : MessageTail.bytesMax)
    let hash = try store.stateHash()
    try store.close()
    try folder.sqlite { try $0.execute(sql: sql) }
    #expect(try !faults(folder).isEmpty)
    // Reading says so, or reads what is there; it does not end the process.
    let damaged = try folder.store()
    _ = try? damaged.conversation(conversation)
    _ = try? damaged.conversations()
    _ = try? damaged.search("question")
    // The log is whole, so the views can be made from it again.
    try damaged.rebuildViews()
    #expect(try damaged.stateHash() == hash)
    #expect(try damaged.verify(scratch: folder.file("scratch")).faults == [])
  }

  /// To drop a table, SQLite deletes what has its name as `tbl_name`, and minds a letter's case there only.
  @Test(
    "In how a table is defined, even while it is empty",
    arguments: [
      "sql = replace(sql, 'INTEGER PRIMARY KEY', 'INTEGER PRHMARY KEY')", "tbl_name = 'search_Shard'",
    ])
  func definitions(damage: String) throws {
    let folder = try TemporaryFolder()
    let store = try folder.store()
    #expect(try store.verify(scratch: folder.file("scratch")).isSound)
    try store.close()
    try folder.sqlite {
      try $0.execute(
        sql: """
          PRAGMA writable_schema = ON;
          UPDATE sqlite_schema SET \(damage) WHERE name = 'search_shard'
          """)
    }
    #expect(try faults(folder) == ["search_shard is not defined as this version defines it"])
  }

  @Test("While the database is open")
  func whileOpen() throws {
    let folder = try TemporaryFolder()
    let (store, _) = try history(folder)
    try store.queue.inDatabase { db in
      try db.execute(sql: "UPDATE change SET hash = zeroblob(32) WHERE id = (SELECT max(id) FROM change)")
    }
    #expect(try !store.verify(scratch: folder.file("scratch")).isSound)
  }

  @Test("Wherever one byte of the file is wrong, nothing crashes", arguments: UInt64(0)..<3)
  func anyByte(seed: UInt64) throws {
    let folder = try TemporaryFolder()
    let (store, conversation) = try history(folder)
    let hash = try store.stateHash()
    _ = try store.indexStep()
    try store.close()
    let whole = try folder.bytes(of: "history.sqlite")
    var random = RandomStream(seed: seed)
    for _ in 0..<60 {
      var bytes = whole
      for _ in 0..<random.number(in: 1...3) {
        bytes[random.number(in: 100...bytes.count - 1)] ^= UInt8(random.number(in: 1...255))
      }
      Store.remove(at: folder.file("turned"))
      try bytes.write(to: URL(filePath: folder.file("turned")))
      do {
        let damaged = try folder.store("turned")
        let sound = try damaged.verify(scratch: folder.file("scratch")).isSound
        if sound { #expect(try damaged.stateHash() == hash) }
        _ = try damaged.conversation(conversation)
        _ = try damaged.search("question goes")
        _ = try damaged.peers()
      } catch let error as StoreError {
        #expect(!error.message.isEmpty)
      }
    }
  }
}
