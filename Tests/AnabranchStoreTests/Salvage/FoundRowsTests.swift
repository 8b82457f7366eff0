import AnabranchCore
import AnabranchTestSupport
import AnabranchWire
import Foundation
import GRDB
import SeededRandom
import Testing

@testable import AnabranchStore

@Suite("Where SQLite finds nothing, rows are found in the pages")
struct FoundRowsTests {
  /// A history with a file, a peer, settings and more changes than one page has; its database is closed.
  private func history(_ folder: TemporaryFolder) throws -> (vector: VersionVector, hash: Digest, blob: BlobID) {
    var author = try Author(folder.store())
    let conversation = try author.start("title")
    // Some have no room in one page.
    for number in 0..<60 {
      try author.say(String(repeating: "word \(number) ", count: number % 7 == 0 ? 900 : 40), in: conversation)
    }
    let message = try author.say("see", in: conversation)
    let (_, blob) = try author.attach(author.random.bytes(3 * Limits.blockBytes), to: message)
    try author.store.save(
      PeerRecord(device: author.random.digest(), name: "phone", address: nil, vector: author.store.vector, contact: 7))
    try author.store.setName("laptop")
    while try author.store.indexStep() {}
    let (vector, hash) = (author.store.vector, try author.store.stateHash())
    try author.store.checkpoint()
    try author.store.close()
    return (vector, hash, blob)
  }

  private func overwrite(_ folder: TemporaryFolder, page: Int) throws {
    let file = try FileHandle(forUpdating: URL(filePath: folder.file("history.sqlite")))
    try file.seek(toOffset: UInt64(page - 1) * 4_096)
    try file.write(contentsOf: Data(repeating: 0xA5, count: 4_096))
    try file.close()
  }

  private func salvage(_ folder: TemporaryFolder) throws -> (Salvage, Store) {
    let result = try Store.salvage(
      folder.file("history.sqlite"), into: folder.file("new"),
      isSigned: { checkpoint, _ in checkpoint.signature == noSignature })
    return (result, try folder.store("new"))
  }

  @Test("All of it, where the first page is lost: what others are called, settings and files, too")
  func firstPage() throws {
    let folder = try TemporaryFolder()
    let (vector, hash, blob) = try history(folder)
    let peers = try folder.store().peers()
    try overwrite(folder, page: 1)
    #expect(throws: StoreError.self) { try DamagedDatabase(at: folder.file("history.sqlite")) }
    let survey = try Store.survey(
      damaged: folder.file("history.sqlite"), isSigned: { checkpoint, _ in checkpoint.signature == noSignature })
    #expect(
      survey.messages == [DamagedDatabase.foundWords]
        && survey.logs.reduce(0) { $0 + UInt64($1.sound) } == vector.changes)
    let (result, store) = try salvage(folder)
    #expect(result.losses == [] && result.lostBlocks == 0 && result.faults == [DamagedDatabase.foundWords])
    // A page that is gone may have had the last changes, and nothing would tell.
    #expect(!result.isOwnLogWhole)
    #expect(try store.vector == vector && store.stateHash() == hash)
    #expect(try store.peers() == peers && peers.count == 1 && store.name() == "laptop")
    #expect(try store.wholeBlobs([blob]).count == 1)
    #expect(try store.verify(scratch: folder.file("scratch")).faults == [])
  }

  @Test(
    "All of it, where a bit is altered of what says how the pages are laid out", arguments: [16, 17, 20, 47], 0..<8)
  func layout(place: Int, bit: Int) throws {
    let folder = try TemporaryFolder()
    let (vector, hash, _) = try history(folder)
    let file = URL(filePath: folder.file("history.sqlite"))
    var bytes = try Data(contentsOf: file)
    bytes[place] ^= 1 << bit
    try bytes.write(to: file)
    let (_, store) = try salvage(folder)
    #expect(try store.vector == vector && store.stateHash() == hash)
  }

  @Test(
    "All of it, where the page is lost that leads to all changes, or to all settings", arguments: ["change", "setting"])
  func innerPage(table: String) throws {
    let folder = try TemporaryFolder()
    let (vector, hash, _) = try history(folder)
    let root = try folder.sqlite { db in
      try Int.fetchOne(db, sql: "SELECT rootpage FROM sqlite_schema WHERE name = ?", arguments: [table])
    }
    try overwrite(folder, page: #require(root))
    let (result, store) = try salvage(folder)
    #expect(result.losses == [] && !result.isOwnLogWhole)
    #expect(result.faults.contains(DamagedDatabase.foundWords) == (table == "change"), "\(result.faults)")
    #expect(try store.vector == vector && store.stateHash() == hash)
  }

  @Test("What stands behind what is lost comes once it fits, although no tree leads there")
  func behind() throws {
    let folder = try TemporaryFolder()
    let (vector, hash, _) = try history(folder)
    let log = try #require(vector.entries.first?.log)
    let peer = try folder.store("2")
    try peer.pull(from: folder.store())
    try folder.sqlite { try $0.execute(sql: "DELETE FROM change WHERE id & 4294967295 = 20") }
    try overwrite(folder, page: 1)
    let (result, store) = try salvage(folder)
    #expect(result.losses.map(\.changes) == [20...vector[log]] && store.vector[log] == 19)
    var random = Author(with: peer, seed: 4).random
    try store.openLog(.device(key: #require(store.device(of: log)), nonce: random.bytes16()), wall: someWall)
    try store.pull(from: peer, bytesMax: 1, batchesMax: 1)
    #expect(store.vector[log] == 20)
    #expect(try store.takeOver(from: folder.file("history.sqlite")) == UInt64(vector[log]) - 20)
    #expect(try store.stateHash() == hash)
  }

  @Test("Pages are as the write-ahead log has them, as far as that was committed")
  func writeAheadLog() throws {
    let folder = try TemporaryFolder()
    var author = try Author(folder.store())
    let conversation = try author.start("title")
    for number in 0..<40 { try author.say(String(repeating: "word \(number) ", count: 60), in: conversation) }
    // As it lies, with the log beside it; with what a commit left half done behind that; and once the log was moved in.
    for name in ["copy", "torn"] {
      for end in ["", "-wal"] {
        try FileManager.default.copyItem(atPath: folder.file("history.sqlite" + end), toPath: folder.file(name + end))
      }
    }
    let wal = try FileHandle(forUpdating: URL(filePath: folder.file("torn-wal")))
    let frames = Int(try wal.seekToEnd() - 32) / 4_120
    try wal.write(contentsOf: Data(repeating: 1, count: 5_000))
    try wal.close()
    try author.store.checkpoint()
    let moved = try #require(try DatabasePages(at: folder.file("history.sqlite")))
    for name in ["copy", "torn"] {
      let pages = try #require(try DatabasePages(at: folder.file(name)))
      #expect(
        pages.pageBytes == 4_096 && pages.numbers == moved.numbers && frames > pages.numbers.ranges.joined().count)
      for number in pages.numbers.ranges.joined() {
        #expect(try pages.page(number)?.bytes == moved.page(number)?.bytes, "page \(number)")
      }
    }
    // Of a log whose last commit is cut, what was committed before counts.
    let cut = try FileHandle(forUpdating: URL(filePath: folder.file("torn-wal")))
    try cut.truncate(atOffset: UInt64(32 + (frames - 1) * 4_120 + 100))
    try cut.close()
    let pages = try #require(try DatabasePages(at: folder.file("torn")))
    let rows = try DatabaseQueue()
    try rows.write { db in
      try Schema.creation(db)
      try FoundRows.copy(from: pages, to: db)
      let count = try #require(try Int.fetchOne(db, sql: "SELECT count(*) FROM change"))
      #expect(count == Int(author.store.vector.changes) - 1)
    }
    #expect(try DatabasePages(at: folder.file("none")) == nil)
  }
}
