import AnabranchCore
import AnabranchTestSupport
import Foundation
import GRDB
import Testing

@testable import AnabranchStore

@Suite("What stands behind a damaged change is told apart from it")
struct LogRestTests {
  /// What is found of a log of at least twelve changes after `sql`, and its name.
  private func found(after sql: String) throws -> (soundness: LogSoundness, name: String) {
    let folder = try TemporaryFolder()
    var author = try Author(folder.store(), seed: 1)
    let conversation = try author.start("title")
    while author.store.vector.changes < 12 { try author.say("words", in: conversation) }
    try author.store.close()
    try folder.sqlite { try $0.execute(sql: sql) }
    let found = try folder.store().verify(scratch: folder.file("scratch"))
    let soundness = try #require(found.logs.first)
    #expect(found.messages.first == soundness.fault && soundness.last == 12)
    return (soundness, "log \(soundness.log)")
  }

  /// A letter of the words in change N.
  private static func altered(_ change: Int) -> String {
    "UPDATE change SET bytes = CAST(substr(bytes, 1, length(bytes) - 1) || 'x' AS BLOB) WHERE id = \(change);"
  }

  @Test("One that was altered")
  func altered() throws {
    let (soundness, log) = try found(after: Self.altered(5))
    #expect(soundness.sound == 4 && soundness.damaged == [5...5] && soundness.readable == [6...12])
    let expected =
      "change 5 of \(log) does not have the hash that is kept of it; changes 6 to 12 behind that read well, and cannot be "
      + "proved before it is here"
    #expect(soundness.fault == expected)
  }

  @Test("Several, and one that is not there")
  func several() throws {
    let (soundness, log) = try found(
      after: Self.altered(5) + Self.altered(8) + Self.altered(9) + "DELETE FROM change WHERE id = 11")
    #expect(soundness.damaged == [5...5, 8...9, 11...11] && soundness.readable == [6...7, 10...10, 12...12])
    let expected =
      "change 5 of \(log) does not have the hash that is kept of it; changes 8 to 9 and 11 are damaged, too; changes 6 to 7, 10 and "
      + "12 behind that read well, and cannot be proved before it is here"
    #expect(soundness.fault == expected)
  }

  @Test("One of which the hash was altered, and one that is not there")
  func hashes() throws {
    let kept = try found(after: "UPDATE change SET hash = zeroblob(32) WHERE id = 11").soundness
    #expect(kept.damaged == [11...11] && kept.readable == [12...12])
    let (lost, log) = try found(after: "DELETE FROM change WHERE id = 11")
    #expect(lost.damaged == [11...11] && lost.readable == [12...12])
    let expected =
      "change 11 of \(log) is missing; change 12 behind that reads well, and cannot be proved before it is here"
    #expect(lost.fault == expected)
    #expect(try found(after: "UPDATE change SET hash = zeroblob(32) WHERE id = 12").soundness.readable.isEmpty)
  }

  @Test("Many: the first stretches are named")
  func many() throws {
    let every = stride(from: 1, through: 11, by: 2).map(Self.altered).joined()
    let soundness = try found(after: every).soundness
    #expect(soundness.sound == 0 && soundness.damaged.count == 6 && soundness.readable.count == 6)
    #expect(soundness.fault?.contains("; changes 3, 5, 7, 9 and 11 are damaged, too; changes 2, 4, 6, ") == true)
  }

  @Test("Pages that cannot be read: what lies behind and between them is read", arguments: [[1, 2], [1, 3], [1, 4]])
  func pages(lost: [Int]) throws {
    let folder = try TemporaryFolder()
    var author = try Author(folder.store(), seed: 1)
    let conversation = try author.start("title")
    let words = String(repeating: "not one word of which is said twice, ", count: 12)
    while author.store.vector.changes < 120 { try author.say(words, in: conversation) }
    let leaves = try author.store.reading { db in
      try Int64.fetchAll(db, sql: "SELECT pageno FROM dbstat WHERE name = 'change' AND pagetype = 'leaf' ORDER BY path")
    }
    try #require(leaves.count > 5)
    try author.store.checkpoint()
    try author.store.close()
    let file = try FileHandle(forUpdating: URL(fileURLWithPath: folder.file("history.sqlite")))
    for leaf in lost.map({ leaves[$0] }) {
      try file.seek(toOffset: UInt64(leaf - 1) * 4_096)
      try file.write(contentsOf: Data(repeating: 0xFF, count: 4_096))
    }
    try file.close()
    let found = try Store.survey(damaged: folder.file("history.sqlite")) { _, _ in true }
    let soundness = try #require(found.logs.first)
    let first = try #require(soundness.damaged.first)
    #expect(first.lowerBound == soundness.sound + 1 && first.count > 2)
    #expect(soundness.fault?.contains("\(first.lowerBound + 1) to \(first.upperBound)") == true)
    #expect(soundness.damaged.count == (lost[1] == 2 ? 1 : 2) && soundness.readable.count == soundness.damaged.count)
    #expect(soundness.readable.last?.upperBound == 120 && soundness.readable.allSatisfy { $0.count > 2 })
    // Each change is one of these.
    let all = (soundness.damaged + soundness.readable).sorted { $0.lowerBound < $1.lowerBound }
    #expect(all.flatMap { $0 } == Array(soundness.sound + 1...120))
  }
}
