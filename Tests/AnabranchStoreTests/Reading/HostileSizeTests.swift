import AnabranchCore
import AnabranchTestSupport
import AnabranchWire
import GRDB
import Testing

@testable import AnabranchStore

/// What somebody who means harm says of how much there is.
@Suite("Work that follows what is there, and not what is said of it") struct HostileSizeTests {
  @Test("A log is as long as it has rows, whatever number its last one has")
  func sequences() throws {
    let folder = try TemporaryFolder()
    var author = try Author(folder.store())
    _ = try author.start("title")
    let use = try author.store.storageUse()
    #expect(use.kinds.values.map(\.operations).reduce(0, +) == 2)
    try author.store.alone { db in
      try db.execute(sql: "UPDATE change SET id = id + 1000000 WHERE id = (SELECT max(id) FROM change)")
    }
    let reader = try folder.store(access: .read)
    var told = 0
    let after = try reader.storageUse { _, _ in told += 1 }
    #expect(after.kinds == use.kinds && after.conversations.count == use.conversations.count)
    #expect(told == 0, "it is told once in 4,096 changes")
  }

  @Test("What shows a purge in a past is its change and the pieces of its content, however long its action was")
  func actions() throws {
    let folder = try TemporaryFolder()
    var author = try Author(folder.store())
    let conversation = try author.start("kept")
    let message = try author.say("kept and secret", in: conversation)
    let before = author.store.frontier
    let purge = Draft(kind: .purge, target: message, mutation: .purge(Purge(isImmediate: false)))
    let other = Draft(kind: .trash, target: try author.start("other"), mutation: .trash)
    try author.store.atomically { () throws(StoreError) in
      for _ in 0..<20 {
        try author.store.write([other], wall: author.wall)
        try author.store.write([purge], wall: author.wall)
      }
    }
    func shown() throws -> Int? {
      let reader = try folder.store(access: .read)
      try reader.rewind(to: .changes(before))
      return try reader.reading { try Int.fetchOne($0, sql: "SELECT count(*) FROM purging") }
    }
    #expect(try shown() == 20)

    guard case .native(let written) = message else { return }
    try author.store.atomically { () throws(StoreError) in
      let piece = Draft(kind: .chunk, target: nil, mutation: .chunk, content: author.content("kept"))
      let chunk = try author.store.write([piece], wall: author.wall)[0]
      try author.store.write([other], wall: author.wall)
      for _ in 0..<5 { try author.store.write([purge], wall: author.wall) }
      let past = PurgePast(of: written, gone: [4..<15], count: 15, isImmediate: false, chunks: [chunk])
      try author.store.write(
        [Draft(kind: .purgePast, target: message, mutation: .purgePast(past), content: author.content(""))],
        wall: author.wall)
    }
    #expect(try shown() == 20 + 1 + 5 + 1)
  }
}
