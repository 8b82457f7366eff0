import AnabranchCore
import AnabranchTestSupport
import AnabranchWire
import Foundation
import SeededRandom
import Testing

@testable import AnabranchStore
@testable import AnabranchSync

@Suite("Backups")
struct BackupTests {
  @Test("A copy made between writes holds all that was sealed, and no log that may be written")
  func copies() throws {
    let folder = try TemporaryFolder()
    var author = try Author(folder.store())
    let conversation = try author.start("title")
    let message = try author.say("so", in: conversation)
    try author.stream(" and not sealed", to: message)
    _ = try author.store.indexStep()
    try author.store.backUp(to: folder.file("copy"))
    try author.title(conversation, "later")

    #expect(try folder.names.filter { $0.contains("copy") } == ["copy"])
    let copy = try folder.store("copy", access: .read)
    #expect(copy.ownLog == nil)
    #expect(try copy.summary(of: conversation)?.title == "title")
    #expect(try copy.message(message)?.message.content?.text == "so")
    #expect(copy.hasOpenChange == false)
    #expect(try copy.search("so").count == 1)
    #expect(try copy.verify(scratch: folder.file("scratch")).faults == [])
    #expect(try author.store.ownLog != nil && author.store.summary(of: conversation)?.title == "later")
  }

  @Test("A file that exists is left as it is")
  func exists() throws {
    let folder = try TemporaryFolder()
    let author = try Author(folder.store())
    try Data("mine".utf8).write(to: URL(filePath: folder.file("copy")))
    let error = #expect(throws: StoreError.self) { try author.store.backUp(to: folder.file("copy")) }
    #expect(error?.code == .exists)
    #expect(try folder.bytes(of: "copy") == Data("mine".utf8))
    #expect(throws: StoreError.self) { try author.store.backUp(to: folder.file("none/copy")) }
    #expect(try folder.names.contains { $0.contains("partial") } == false)
  }

  @Test("Neither a live database nor anything else is restored as a backup")
  func refuses() throws {
    let folder = try TemporaryFolder()
    let author = try Author(folder.store())
    let target = folder.file("restored")
    let live = #expect(throws: StoreError.self) {
      try Store.copyBackup(folder.file("history.sqlite"), to: target)
    }
    #expect(live?.code == .format)
    let none = #expect(throws: StoreError.self) { try Store.copyBackup(folder.file("none"), to: target) }
    #expect(none?.code == .notFound)
    try Data("words".utf8).write(to: URL(filePath: folder.file("words")))
    #expect(throws: StoreError.self) { try Store.copyBackup(folder.file("words"), to: target) }
    #expect(try folder.names.contains("restored") == false)
    try author.store.backUp(to: folder.file("copy"))
    try Data("mine".utf8).write(to: URL(filePath: target))
    #expect(throws: StoreError.self) { try Store.copyBackup(folder.file("copy"), to: target) }
    #expect(try folder.bytes(of: "restored") == Data("mine".utf8))
  }

  @Test("A restored replica writes under new numbers and builds on all it holds", arguments: UInt64(0)..<20)
  func restores(seed: UInt64) throws {
    let folder = try TemporaryFolder()
    var random = RandomStream(seed: seed)
    var (one, two) = (
      try Author(folder.store("1"), seed: seed * 3), try Author(folder.store("2"), seed: seed * 3 + 1)
    )
    let header = try #require(one.store.ownLog.flatMap { one.store.header(of: $0) })
    // What is not signed would not be built on.
    if case .device(let key, _) = header { one.store.signer = LogSigner(device: key) { _ in noSignature } }
    for _ in 0..<random.number(in: 1...12) { try one.act() }
    for _ in 0..<random.number(in: 1...12) { try two.act() }
    try two.store.sealOpenChange(wall: two.wall)
    try one.store.pull(from: two.store)
    if random.chance(1, in: 2) { try one.act() }
    try one.store.sealOpenChange(wall: one.wall)
    try one.store.backUp(to: folder.file("copy"))
    let frontier = one.store.frontier
    // What was written after the backup went to another device, and is lost here.
    for _ in 0..<random.number(in: 1...6) { try one.act() }
    try one.store.sealOpenChange(wall: one.wall)
    try two.store.pull(from: one.store)

    try Store.copyBackup(folder.file("copy"), to: folder.file("3"))
    var three = try Author(folder.store("3"), seed: seed * 3 + 2)
    #expect(three.store.frontier == frontier)
    for _ in 0..<6 { try three.act() }
    try three.store.sealOpenChange(wall: three.wall)
    let own = try #require(three.store.ownLog)
    #expect(one.store.ownLog != own)
    let first = try #require(try three.store.sealedChanges().first { $0.change.id.log == own })
    #expect(Set(first.change.dependencies.map(\.change)).isSuperset(of: frontier))

    try three.store.pull(from: two.store)
    try two.store.pull(from: three.store)
    #expect(try three.store.stateHash() == two.store.stateHash())
    #expect(three.store.vector == two.store.vector)
    expectAgreement(try differences(two.store, Expectation(two.store.sealedChanges())))
  }

  @Test("A copy is taken while another connection writes")
  func whileWriting() async throws {
    let folder = try TemporaryFolder()
    let path = folder.file("history.sqlite")
    // Nobody else may look while a new database is put into its mode: that is not waited for.
    try folder.store().close()
    let writing = Task.detached {
      var author = try Author(Store(at: path, durability: .off))
      for number in 0..<400 { _ = try author.start("title \(number)") }
      try author.store.close()
    }
    var copies: [Int] = []
    for number in 0..<12 {
      guard let reader = try? folder.store(access: .read) else { continue }
      try reader.backUp(to: folder.file("copy-\(number)"))
      let copy = try folder.store("copy-\(number)", access: .read)
      let found = try copy.verify(scratch: folder.file("scratch"))
      #expect(found.faults == [])
      copies.append(Int(found.changes))
    }
    try await writing.value
    #expect(copies == copies.sorted())
  }
}
