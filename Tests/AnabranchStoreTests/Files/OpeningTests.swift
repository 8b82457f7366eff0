import AnabranchCore
import AnabranchTestSupport
import AnabranchWire
import Foundation
import GRDB
import SeededRandom
import Testing

@testable import AnabranchStore

@Suite("Opening a file")
struct OpeningTests {
  private func expectRefusal(
    _ code: StoreError.Code, of name: String, in folder: TemporaryFolder, access: Store.Access = .write
  ) throws {
    let before = try (folder.bytes(of: name), folder.names)
    let error = #expect(throws: StoreError.self) { try folder.store(name, access: access) }
    #expect(error?.code == code, "\(String(describing: error))")
    #expect(error?.message.contains(name) == true && error?.remedy.isEmpty == false)
    #expect(try folder.bytes(of: name) == before.0)
    // SQLite's own files beside one that is only read do not count.
    #expect(try folder.names.filter { !$0.hasSuffix("-shm") && !$0.hasSuffix("-wal") } == before.1)
  }

  @Test("Another program's database is refused and left as it is", arguments: [Store.Access.write, .read])
  func foreignDatabase(access: Store.Access) throws {
    let folder = try TemporaryFolder()
    try folder.sqlite("other.sqlite") { try $0.execute(sql: "CREATE TABLE t(a); INSERT INTO t VALUES(1)") }
    try expectRefusal(.format, of: "other.sqlite", in: folder, access: access)
    try folder.sqlite("tagged.sqlite") { try $0.execute(sql: "PRAGMA application_id = 7; CREATE TABLE t(a)") }
    try expectRefusal(.format, of: "tagged.sqlite", in: folder, access: access)
  }

  @Test("A file that is no database is refused and left as it is", arguments: [Store.Access.write, .read])
  func noDatabase(access: Store.Access) throws {
    let folder = try TemporaryFolder()
    let text = String(repeating: "These are only words. ", count: 200)
    try Data(text.utf8).write(to: URL(filePath: folder.file("words.txt")))
    try expectRefusal(.format, of: "words.txt", in: folder, access: access)
  }

  @Test("A newer schema is refused and left as it is", arguments: [Store.Access.write, .read])
  func newerSchema(access: Store.Access) throws {
    let folder = try TemporaryFolder()
    try folder.store().close()
    try folder.sqlite { try $0.execute(sql: "PRAGMA user_version = \(Schema.version + 1)") }
    try expectRefusal(.newer, of: "history.sqlite", in: folder, access: access)
    try folder.sqlite { try $0.execute(sql: "PRAGMA journal_mode = DELETE") }
    try expectRefusal(.newer, of: "history.sqlite", in: folder)
  }

  @Test(
    "A schema that no version writes is damage", arguments: [-1, Int32.min, 0], [Store.Access.create, .write, .read])
  func impossibleSchema(version: Int32, access: Store.Access) throws {
    let folder = try TemporaryFolder()
    try folder.store().close()
    try folder.sqlite { try $0.execute(sql: "PRAGMA user_version = \(version)") }
    try expectRefusal(.damaged, of: "history.sqlite", in: folder, access: access)
  }

  @Test("A damaged file, or a folder, or nothing at all, is an error and no crash")
  func damaged() throws {
    let folder = try TemporaryFolder()
    var author = try Author(folder.store())
    for number in 0..<50 { _ = try author.start("title \(number)") }
    try author.store.close()
    let whole = try folder.bytes(of: "history.sqlite")
    for length in stride(from: 200, to: whole.count, by: whole.count / 9) {
      try whole.prefix(length).write(to: URL(filePath: folder.file("short-\(length)")))
      #expect(throws: StoreError.self) {
        let store = try folder.store("short-\(length)")
        let found = try store.verify(scratch: folder.file("scratch"))
        if !found.isSound { throw StoreError(.damaged, "found") }
      }
    }
    #expect(throws: StoreError.self) { try Store(at: folder.path) }
    #expect(throws: StoreError.self) { try Store(at: folder.file("none/history.sqlite")) }
    #expect(throws: StoreError.self) { try folder.store("none", access: .read) }
    #expect(try folder.names.contains("none") == false)
  }

  @Test("An empty file becomes a database")
  func emptyFile() throws {
    let folder = try TemporaryFolder()
    try Data().write(to: URL(filePath: folder.file("history.sqlite")))
    var author = try Author(folder.store())
    _ = try author.start("title")
    #expect(try author.store.conversations().map(\.title) == ["title"])
  }

  @Test("4,096 logs are as many as there can be, and they can be opened again")
  func allLogs() throws {
    let folder = try TemporaryFolder()
    var random = RandomStream(seed: 2)
    var author = try Author(folder.store())
    let conversation = try author.start("title")
    let headers = (1..<4_096).map { _ in LogHeader.device(key: random.digest(), nonce: random.bytes16()) }
    try author.store.transaction { db, state in
      for header in headers { _ = try state.register(header, in: db) }
    }
    let error = #expect(throws: StoreError.self) { try author.openLog() }
    #expect(error?.code == .limit)
    author = try author.reopened(folder.store())
    let last = try #require(headers.last)
    try author.store.transaction { db, state in
      state.own = last.log
      try Setting.ownLog.set(Data(last.log.bytes.bytes), in: db)
      try state.saveFrontier(db)
    }
    let message = try author.say("in the last log", in: conversation)
    try author.trash(conversation)
    author = try author.reopened(folder.store())
    #expect(author.store.heads.count == 4_096)
    #expect(try author.store.summary(of: conversation)?.trashed == true)
    #expect(try author.store.message(message)?.message.content?.text == "in the last log")
    #expect(author.store.vector[last.log] == 2)
  }

  @Test("A migration copies the file first, and a failed one changes nothing")
  func migration() throws {
    let folder = try TemporaryFolder()
    var author = try Author(folder.store())
    _ = try author.start("title")
    try author.store.close()
    let path = folder.file("history.sqlite")
    let backup = "history.sqlite.schema-\(Schema.version).backup"
    try Data("half a copy".utf8).write(to: URL(filePath: folder.file(backup)))
    let fails =
      Schema.migrations + [{ try $0.execute(sql: "CREATE TABLE new(a); INSERT INTO none VALUES(1)") }]
    let works = Schema.migrations + [{ try $0.execute(sql: "CREATE TABLE new(a)") }]

    let error = #expect(throws: (any Error).self) {
      try folder.sqlite { try Store.prepareSchema($0, path: path, access: .write, migrations: fails) }
    }
    #expect(error != nil)
    #expect(try folder.store().conversations().map(\.title) == ["title"])
    #expect(try folder.store(backup).conversations().map(\.title) == ["title"])
    #expect(throws: StoreError.self) {
      try folder.sqlite { try Store.prepareSchema($0, path: path, access: .read, migrations: works) }
    }

    var later = try Author(folder.store(), seed: 2)
    _ = try later.start("later")
    try later.store.close()
    try folder.sqlite { try Store.prepareSchema($0, path: path, access: .write, migrations: works) }
    let version = try folder.sqlite { try Int32.fetchOne($0, sql: "PRAGMA user_version") }
    #expect(version == Schema.version + 1)
    // The copy is of what the migration found, not of an attempt before it.
    #expect(Set(try folder.store(backup).conversations().map(\.title)) == ["title", "later"])
  }

  @Test("A database from before logs could fork becomes one like any other")
  func withoutBranches() throws {
    let folder = try TemporaryFolder()
    var author = try Author(folder.store())
    _ = try author.start("title")
    try author.store.close()
    func schema() throws -> [String] {
      try folder.sqlite {
        try String.fetchAll($0, sql: "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name")
      }
    }
    let expected = try schema()
    try folder.sqlite {
      try $0.execute(sql: "ALTER TABLE conversation DROP COLUMN tail; DROP TABLE branch; PRAGMA user_version = 7")
    }
    let store = try folder.store()
    #expect(try store.conversations().map(\.title) == ["title"])
    #expect(try store.verify(scratch: folder.file("scratch")).faults == [])
    try store.close()
    #expect(try schema() == expected)
  }

  @Test("A database from before messages waited in their conversation's row is read as it was, and goes on")
  func withoutTails() throws {
    let folder = try TemporaryFolder()
    var author = try Author(folder.store())
    author.store.tailBytesMax = 0
    let chat = try author.start("title")
    for number in 0..<5 { try author.say("\(number)", in: chat) }
    try author.importMessage("imported", named: "m", in: "c", updated: 3)
    try author.trash(author.start("another"))
    let expected = try author.store.conversationDumps()
    try author.store.close()
    try folder.sqlite {
      try $0.execute(sql: "ALTER TABLE conversation DROP COLUMN tail; PRAGMA user_version = 8")
    }
    author = try author.reopened(folder.store())
    #expect(try author.store.conversationDumps() == expected)
    #expect(try author.store.rowCounts()["message"] == 6)
    #expect(try author.store.verify(scratch: folder.file("scratch")).faults == [])
    try author.say("5", in: chat)
    #expect(try author.store.conversation(chat)?.messages.compactMap(\.content?.text) == (0...5).map { "\($0)" })
    #expect(try author.store.rowCounts()["message"] == 6)
    #expect(try folder.names.contains("history.sqlite.schema-8.backup"))
  }
}
