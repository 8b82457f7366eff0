import AnabranchCore
import AnabranchTestSupport
import Foundation
import GRDB
import SeededRandom
import Testing

@testable import AnabranchStore

@Suite("Databases that somebody hands over") struct HandedOverTests {
  private func contents(_ folder: TemporaryFolder) throws -> [String: Data] {
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    return try Dictionary(
      uniqueKeysWithValues: names.map { ($0, try Data(contentsOf: URL(fileURLWithPath: folder.file($0)))) })
  }

  /// A history of which the last part is still in the write-ahead log, and a copy of both files.
  private func copied(to target: TemporaryFolder) throws -> (original: TemporaryFolder, author: Author) {
    let folder = try TemporaryFolder()
    var author = try Author(folder.store())
    _ = try author.start("in the file")
    try author.store.checkpoint()
    _ = try author.start("in the log")
    for suffix in ["", "-wal"] {
      try FileManager.default.copyItem(
        atPath: author.store.path + suffix, toPath: target.file("copy.sqlite" + suffix))
    }
    return (folder, author)
  }

  @Test("A copy of one in use is read with what lies beside it, and nothing is changed there")
  func aCopyInUse() throws {
    let target = try TemporaryFolder()
    let (_, author) = try copied(to: target)
    let before = try contents(target)
    #expect(before["copy.sqlite-wal"]?.isEmpty == false)
    let store = try Store.open(handedOver: target.file("copy.sqlite"))
    #expect(try store.conversations().compactMap(\.title).sorted() == ["in the file", "in the log"])
    #expect(store.vector == author.store.vector)
    #expect(throws: StoreError.self) { try store.setName("x") }
    try store.close()
    #expect(try contents(target) == before)
    // Without what lies beside it, it is as much as the file has.
    try FileManager.default.removeItem(atPath: target.file("copy.sqlite-wal"))
    #expect(try Store.open(handedOver: target.file("copy.sqlite")).conversations().map(\.title) == ["in the file"])
    #expect(try contents(target).keys.sorted() == ["copy.sqlite"])
  }

  @Test("A backup is read where it lies")
  func aBackup() throws {
    let (target, folder) = (try TemporaryFolder(), try TemporaryFolder())
    var author = try Author(folder.store())
    _ = try author.start("title")
    try author.store.backUp(to: target.file("backup"))
    let before = try contents(target)
    let store = try Store.open(handedOver: target.file("backup"))
    #expect(store.path == target.file("backup"))
    #expect(try store.conversations().map(\.title) == ["title"])
    #expect(try contents(target) == before)
  }

  @Test("A link to one in use leads to it, and neither is written to")
  func aLink() throws {
    let (target, links) = (try TemporaryFolder(), try TemporaryFolder())
    let (_, _) = try copied(to: target)
    let before = try contents(target)
    try FileManager.default.createSymbolicLink(
      atPath: links.file("link"), withDestinationPath: target.file("copy.sqlite"))
    let store = try Store.open(handedOver: links.file("link"))
    #expect(try store.conversations().count == 2)
    #expect(try contents(target) == before)
    #expect(try FileManager.default.contentsOfDirectory(atPath: links.path) == ["link"])
    // What is no file would keep a reader waiting.
    #expect(mkfifo(links.file("pipe"), 0o600) == 0)
    let error = #expect(throws: StoreError.self) { _ = try Store.open(handedOver: links.file("pipe")) }
    #expect(error?.code == .format)
  }

  @Test("What is no database, or is none any more, is refused with a reason")
  func strangers() throws {
    let target = try TemporaryFolder()
    func error(_ name: String) -> StoreError? {
      #expect(throws: StoreError.self) { _ = try Store.open(handedOver: target.file(name)) }
    }
    #expect(error("none")?.code == .notFound)
    #expect(error(".")?.code == .format)
    try Data("words".utf8).write(to: URL(fileURLWithPath: target.file("text")))
    #expect(error("text")?.code == .format)
    try Data().write(to: URL(fileURLWithPath: target.file("empty")))
    #expect(error("empty")?.code == .format)
    let (_, _) = try copied(to: target)
    try FileManager.default.removeItem(atPath: target.file("copy.sqlite-wal"))
    var bytes = try Data(contentsOf: URL(fileURLWithPath: target.file("copy.sqlite")))
    bytes.replaceSubrange(8_192..<12_288, with: Data(repeating: 0xff, count: 4_096))
    try bytes.write(to: URL(fileURLWithPath: target.file("copy.sqlite")))
    let store = try? Store.open(handedOver: target.file("copy.sqlite"))
    let faults = try? store?.verify(scratch: target.file("scratch")).messages
    #expect(store == nil || faults == nil || faults?.isEmpty == false)
  }

  @Test("What of a damaged one is sound is told, and taken over, and nothing is changed there")
  func damaged() throws {
    let (target, folder) = (try TemporaryFolder(), try TemporaryFolder())
    let (_, author) = try copied(to: target)
    try FileManager.default.removeItem(atPath: target.file("copy.sqlite-wal"))
    // Its head says that it is in write-ahead mode.
    var bytes = try Data(contentsOf: URL(fileURLWithPath: target.file("copy.sqlite")))
    bytes.replaceSubrange(100..<108, with: Data(repeating: 0xff, count: 8))
    try bytes.write(to: URL(fileURLWithPath: target.file("copy.sqlite")))
    let before = try contents(target)
    #expect(throws: StoreError.self) { _ = try Store.open(handedOver: target.file("copy.sqlite")) }
    let found = try Store.survey(handedOver: target.file("copy.sqlite"))
    #expect(found.logs.map(\.sound) == [2] && !found.messages.isEmpty)
    #expect(found.messages.allSatisfy { !$0.contains("/history.sqlite") }, "\(found.messages)")
    #expect(try contents(target) == before)

    let store = try folder.store("other.sqlite")
    let header = try #require(author.store.state.records.first?.header)
    try store.transaction { db, state in _ = try state.register(header, in: db) }
    // The same device, in another log: nobody signed what it wrote in the first one.
    guard case .device(let key, _) = header else {
      Issue.record("no device writes that log")
      return
    }
    var random = RandomStream(seed: 5)
    try store.openLog(.device(key: key, nonce: random.bytes16()), wall: someWall)
    #expect(try store.takeOver(from: target.file("copy.sqlite")) == 2)
    #expect(try contents(target) == before)
  }

  @Test("One that is written to while it is copied is copied again, and not for ever")
  func whileItIsWritten() throws {
    let (folder, target) = (try TemporaryFolder(), try TemporaryFolder())
    var author = try Author(folder.store())
    _ = try author.start("first")
    let file = try HandedOverFile(author.store.path)
    var copied = 0
    func write(_ title: String) throws {
      _ = try author.start(title)
      // What is in the copy of the database is not in the log any more.
      try author.store.alone { db in _ = try db.checkpoint(.truncate) }
    }
    try file.copy(to: target.file("copy")) {
      copied += 1
      if copied == 1 { try write("second") }
    }
    #expect(try Store.open(handedOver: target.file("copy")).vector == author.store.vector)
    let error = #expect(throws: StoreError.self) {
      try file.copy(to: target.file("other")) { try write("more") }
    }
    #expect(error?.code == .busy)
  }
}
