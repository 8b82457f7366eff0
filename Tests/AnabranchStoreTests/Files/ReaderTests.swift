import AnabranchCore
import AnabranchTestSupport
import Foundation
import SeededRandom
import Testing

@testable import AnabranchStore

@Suite("Readers beside the writer")
struct ReaderTests {
  @Test(
    "A reader sees what was committed, new logs included, and never holds up the writer",
    arguments: UInt64(0)..<10)
  func follows(seed: UInt64) throws {
    let history = HistoryGenerator.history(seed: seed)
    let folder = try TemporaryFolder()
    let store = try folder.store()
    let reader = try folder.store(access: .read)
    var random = RandomStream(seed: seed)
    var rest = history.delivery(using: &random)[...]
    while !rest.isEmpty {
      let batch = rest.prefix(random.number(in: 1...9))
      rest = rest.dropFirst(batch.count)
      try store.receive(Array(batch), of: history, using: &random)
      #expect(try reader.stateHash() == store.stateHash())
      #expect(try reader.conversations() == store.conversations())
      #expect(reader.vector == store.vector && reader.logHash == store.logHash)
    }
    try reader.reading { _ in
      // In the midst of a long reading.
      var author = try Author(store, seed: seed)
      _ = try author.start("written meanwhile")
      _ = try store.indexStep()
    }
    #expect(try reader.search("meanwhile") == [])
    #expect(try reader.conversations().contains { $0.title == "written meanwhile" })
  }

  @Test("A reader cannot write")
  func readOnly() throws {
    let folder = try TemporaryFolder()
    let author = try Author(folder.store())
    let reader = try folder.store(access: .read)
    let error = #expect(throws: StoreError.self) { try reader.setName("x") }
    #expect(error?.code == .io)
    #expect(throws: StoreError.self) { try reader.rebuildViews() }
    #expect(try author.store.name() == "")
  }

  @Test("A reader verifies, and copies, a database that is written")
  func reads() throws {
    let folder = try TemporaryFolder()
    var author = try Author(folder.store())
    let reader = try folder.store(access: .read)
    _ = try author.start("title")
    var names: [String] = []
    let found = try reader.verify(scratch: folder.file("scratch")) { _, _ in
      names += try FileManager.default.contentsOfDirectory(atPath: folder.file(""))
    }
    #expect(found.changes == 2)
    #expect(!names.isEmpty && !names.contains { $0.hasPrefix("scratch") }, "who is killed leaves nothing of it")
    try reader.backUp(to: folder.file("copy"))
    #expect(try folder.store("copy", access: .read).conversations().map(\.title) == ["title"])
  }
}
