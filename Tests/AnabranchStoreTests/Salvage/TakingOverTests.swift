import AnabranchCore
import AnabranchTestSupport
import AnabranchWire
import Foundation
import GRDB
import SeededRandom
import Testing

@testable import AnabranchStore

@Suite("What a repair kept may go once all that can have been in it is here")
struct TakingOverTests {
  @Test("Whichever page of the log is lost, a file goes only where nothing of it was there alone", arguments: 0..<6)
  func lostPage(more: Int) throws {
    let folder = try TemporaryFolder()
    var (author, phone) = (try Author(folder.store(), seed: 1), try Author(folder.store("phone"), seed: 2))
    let conversation = try author.start("title")
    for turn in 0..<40 { try author.say("some words, turn \(turn)", in: conversation) }
    try phone.store.pull(from: author.store)
    for turn in 0..<60 { try phone.say("other words, turn \(turn)", in: conversation) }
    try author.store.pull(from: phone.store)
    // These come between those of two logs, where pages are split.
    for turn in 0..<60 + more { try author.say("more words, turn \(turn)", in: conversation) }
    try phone.store.pull(from: author.store)
    try author.say("the last words", in: conversation)
    let all = author.store.vector
    try author.store.checkpoint()
    try author.store.close()
    try phone.store.checkpoint()
    try phone.store.close()
    let leaves = try folder.sqlite { db in
      // Else this device's notes said how far its log went.
      try db.execute(sql: "DELETE FROM setting WHERE name = 'frontier'")
      try db.execute(sql: "UPDATE change SET signature = ?", arguments: [Data(noSignature)])
      return try Int.fetchAll(db, sql: "SELECT pageno FROM dbstat WHERE name = 'change' AND pagetype = 'leaf'")
    }
    let bytes = try folder.bytes(of: "history.sqlite")
    #expect(leaves.count > 6)
    var gone = 0
    for leaf in leaves {
      let name = "\(leaf).sqlite"
      let kept = folder.file(name + Store.keptMark + "1")
      try FileManager.default.copyItem(atPath: folder.file("phone"), toPath: folder.file(name))
      var damaged = bytes
      damaged.replaceSubrange((leaf - 1) * 4_096..<leaf * 4_096, with: Data(count: 4_096))
      try damaged.write(to: URL(filePath: kept))
      let store = try folder.store(name)
      _ = try store.takeOver(from: kept)
      guard try store.untakenFiles().isEmpty else { continue }
      gone += 1
      #expect(store.vector == all, "without page \(leaf)")
    }
    #expect((1..<leaves.count).contains(gone))
  }

  @Test("What stands in a file under a number that another change has here is there alone", arguments: [true, false])
  func forkedMeanwhile(isDamaged: Bool) throws {
    let folder = try TemporaryFolder()
    var author = try Author(folder.store(), seed: 1)
    let conversation = try author.start("title")
    try author.store.checkpoint()
    let other = try folder.store("2")
    // The device was set back with its whole disk, and wrote the same numbers again.
    try FileManager.default.copyItem(atPath: folder.file("history.sqlite"), toPath: folder.file("twin"))
    for turn in 0..<6 { try author.say("first life \(turn)", in: conversation) }
    try other.pull(from: author.store)
    var twin = Author(with: try folder.store("twin"), seed: 2)
    for turn in 0..<6 { try twin.say("second life \(turn)", in: conversation) }
    let own = try #require(twin.store.ownLog)
    let last = twin.store.vector[own]
    #expect(last == other.vector[own] && author.store.ownLog == own)
    try twin.store.checkpoint()
    try twin.store.close()
    let kept = folder.file("2" + Store.keptMark + "1")
    try FileManager.default.copyItem(atPath: folder.file("twin"), toPath: kept)
    if isDamaged {
      let database = try DatabaseQueue(path: kept)
      try database.write {
        try $0.execute(sql: "UPDATE change SET bytes = zeroblob(9) WHERE id & 4294967295 = ?", arguments: [last - 3])
      }
      try database.close()
    }
    #expect(try other.takeOver(from: kept) == 0)
    #expect(try other.untakenFiles() == [kept], "words of a second life are nowhere else")
  }

  @Test("A link to a kept file leads to that file")
  func link() throws {
    let folder = try TemporaryFolder()
    var author = try Author(folder.store(), seed: 1)
    try author.say("words", in: author.start("title"))
    try author.store.checkpoint()
    let kept = folder.file("history.sqlite" + Store.keptMark + "1")
    try FileManager.default.copyItem(atPath: folder.file("history.sqlite"), toPath: kept)
    #expect(try author.store.untakenFiles() == [kept])
    try FileManager.default.createSymbolicLink(atPath: folder.file("link"), withDestinationPath: kept)
    #expect(try author.store.takeOver(from: folder.file("link")) == 0)
    #expect(try author.store.untakenFiles() == [])
  }
}
