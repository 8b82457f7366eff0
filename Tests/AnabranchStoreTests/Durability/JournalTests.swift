import AnabranchCore
import AnabranchTestSupport
import GRDB
import Testing

@testable import AnabranchStore

@Suite("How a commit reaches the disk")
struct JournalTests {
  @Test(
    "The journal is a WAL, and its level the one asked for",
    arguments: [(Store.Durability.full, 2), (.normal, 1), (.off, 0)])
  func journal(durability: Store.Durability, level: Int) throws {
    let folder = try TemporaryFolder()
    for _ in 0..<2 {
      let store = try folder.store(durability: durability)
      let (mode, synchronous) = try store.journal()
      #expect(mode == "wal")
      #expect(synchronous == level)
      try store.close()
    }
    let (mode, synchronous) = try Store(at: folder.file("default")).journal()
    #expect(mode == "wal" && synchronous == 2)
  }

  @Test("The file says whose it is and of which version")
  func identity() throws {
    let folder = try TemporaryFolder()
    try folder.store().close()
    let numbers = try folder.sqlite { db in
      try ["application_id", "user_version"].map { try Int32.fetchOne(db, sql: "PRAGMA \($0)") }
    }
    #expect(numbers == [0x414E_4252, Schema.version])
    let header = try folder.bytes(of: "history.sqlite")
    #expect(Array(header[68..<72]) == Array("ANBR".utf8))
  }

  @Test("One message costs two trees, the log and the conversations, and now and then that of the messages")
  func dirtyTrees() throws {
    let folder = try TemporaryFolder()
    var author = try Author(folder.store())
    let conversation = try author.start("title")
    for number in 0..<300 { try author.say("message \(number)", in: conversation) }
    var touched: [Set<String>: Int] = [:]
    for number in 0..<200 {
      try author.store.queue.inDatabase { db in
        _ = try Row.fetchAll(db, sql: "PRAGMA wal_checkpoint(TRUNCATE)")
      }
      try author.say(
        "one more \(number)", in: conversation, role: number.isMultiple(of: 2) ? .user : .assistant)
      touched[try trees(dirtyIn: folder, author.store), default: 0] += 1
    }
    let (few, all) = (Set(["change", "conversation"]), Set(["change", "message", "conversation"]))
    #expect(Set(touched.keys) == [few, all])
    #expect(try 1...4 ~= #require(touched[all]), "\(touched)")

    // A piece of a streamed answer goes to the open change alone.
    let message = try author.say("so", in: conversation, role: .assistant)
    try author.stream(" it", to: message)
    try author.store.queue.inDatabase { db in _ = try Row.fetchAll(db, sql: "PRAGMA wal_checkpoint(TRUNCATE)")
    }
    try author.stream(" goes on", to: message)
    #expect(try trees(dirtyIn: folder, author.store) == ["open_operation"])
  }

  @Test("A write-ahead log that one large transaction made longer is cut again")
  func longLog() throws {
    let folder = try TemporaryFolder()
    var author = try Author(folder.store(durability: .normal))
    let chat = try author.start("title")
    let bound = Store.logPagesMax * Store.logPageBytes
    try author.store.transaction { db, _ in
      try db.execute(sql: "CREATE TABLE large(bytes); INSERT INTO large VALUES(zeroblob(\(bound + bound / 4)))")
    }
    #expect(try folder.bytes(of: "history.sqlite-wal").count > bound)
    _ = try author.say("what comes next", in: chat)
    #expect(try folder.bytes(of: "history.sqlite-wal").count <= bound)
  }

  /// The tables whose pages are in the write-ahead log. The first page, which counts the file's pages, is left out.
  private func trees(dirtyIn folder: TemporaryFolder, _ store: Store) throws -> Set<String> {
    let log = Array(try folder.bytes(of: "history.sqlite-wal"))
    let (headerBytes, frameHeaderBytes) = (32, 24)
    let pageBytes = try #require(try store.queue.inDatabase { try Int.fetchOne($0, sql: "PRAGMA page_size") })
    var pages: Set<Int> = []
    for start in stride(from: headerBytes, to: log.count, by: frameHeaderBytes + pageBytes) {
      pages.insert(log[start..<start + 4].reduce(0) { $0 << 8 | Int($1) })
    }
    pages.remove(1)
    return try store.queue.inDatabase { db in
      let owners = try Row.fetchAll(db, sql: "SELECT pageno, name FROM dbstat")
      return Set(owners.filter { pages.contains($0["pageno"]) }.map { $0["name"] })
    }
  }
}
