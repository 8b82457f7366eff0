import AnabranchCore
import AnabranchTestSupport
import AnabranchWire
import Foundation
import GRDB
import SeededRandom
import Testing

@testable import AnabranchStore

@Suite("Changes that edit texts lie packed in their rows")
struct PackedChangeTests {
  private static let secret = "qzxwvbnmkljhgfdspo"
  private static let prose = (0..<900).map { "sentence \($0 % 37) goes on, " }.joined()

  private func notes(_ author: inout Author, _ conversation: ObjectID, _ words: String) throws -> OperationID {
    let now = try #require(try author.store.text(.notes, of: conversation))
    var edits = TextEdits()
    edits.insert(words, at: now.count)
    let version = try author.store.edit(
      edits, of: .notes, in: conversation, seen: now.version, salt: author.random.bytes16(), wall: author.wall)
    try author.store.sealOpenChange(wall: author.wall)
    return try #require(version.first)
  }

  private func row(_ folder: TemporaryFolder, _ sequence: UInt32) throws -> [UInt8] {
    try folder.sqlite { db in
      let bytes = try Data.fetchOne(db, sql: "SELECT bytes FROM change WHERE id = ?", arguments: [sequence])
      return Array(try #require(bytes))
    }
  }

  private func unpacked(_ row: [UInt8]) -> [UInt8]? {
    row.withUnsafeBytes { PackedChange.bytes(in: $0) }
  }

  @Test("What is packed is what it was; what would not shrink, or is short, stays as it is")
  func roundTrip() throws {
    var random = RandomStream(seed: 1, "packed")
    for length in [5, 2_048, 70_000, Limits.changeBytesMax] {
      let words = Array(random.words(length / 8...length / 4).utf8.prefix(length))
      if let packed = PackedChange.packed(words) {
        #expect(packed.count <= words.count - words.count / 8)
        #expect(unpacked(packed) == words)
      }
      #expect(PackedChange.packed(random.bytes(length)) == nil)
    }
    let plain: [UInt8] = [1, 2, 3]
    #expect(unpacked(plain) == plain)
  }

  @Test("Who reads, verifies or sends it sees the canonical bytes")
  func inTheLog() throws {
    let folder = try TemporaryFolder()
    var author = try Author(folder.store())
    let conversation = try author.start("title")
    let said = try author.say(Self.prose, in: conversation)
    let edited = try notes(&author, conversation, Self.prose)
    let short = try notes(&author, conversation, "short")
    #expect(try row(folder, edited.sequence).first == 255)
    #expect(try row(folder, edited.sequence).count < Self.prose.utf8.count / 4)
    // A message is written as it is, and so is what is short.
    for other in [try #require(said.operation), short] { #expect(try row(folder, other.sequence).first == 1) }
    let other = try folder.store("other")
    try other.pull(from: author.store)
    #expect(other.logHash == author.store.logHash)
    #expect(try other.conversation(conversation)?.notes == Self.prose + "short")
    #expect(try author.store.verify(scratch: folder.file("scratch")).faults == [])
    expectAgreement(try differences(other, Expectation(author.store.sealedChanges())))
  }

  @Test("Damage to a packed row is found and named, and never more than the limit is unpacked")
  func damage() throws {
    let folder = try TemporaryFolder()
    var author = try Author(folder.store())
    let conversation = try author.start("title")
    let edited = try notes(&author, conversation, Self.prose)
    let whole = try row(folder, edited.sequence)
    var random = RandomStream(seed: 2, "damage")
    for _ in 0..<2_000 {
      var bytes = whole
      switch random.below(3) {
      case 0: bytes = Array(bytes.prefix(random.below(bytes.count)))
      case 1: bytes[random.below(bytes.count)] ^= UInt8(random.number(in: 1...255))
      default: bytes += random.bytes(random.number(in: 1...9))
      }
      guard bytes.first == 255 else { continue }
      #expect(unpacked(bytes) == nil)
    }
    // A bomb: many zeros, and a length beyond every limit.
    let zeros = try #require(PackedChange.packed([UInt8](repeating: 0, count: 8 << 20)))
    #expect(unpacked(zeros) == nil)
    // And one that is not packed.
    #expect(unpacked([UInt8](repeating: 0, count: Limits.changeBytesMax))?.count == Limits.changeBytesMax)
    #expect(unpacked([UInt8](repeating: 0, count: Limits.changeBytesMax + 1)) == nil)

    try author.store.close()
    try folder.sqlite { db in
      try db.execute(
        sql: "UPDATE change SET bytes = ? WHERE id = ?", arguments: [Data(whole.dropLast(3)), edited.sequence])
    }
    do {
      let store = try folder.store()
      #expect(try store.verify(scratch: folder.file("scratch")).messages.joined().contains("unpacked"))
      _ = try store.revisions(of: .notes, of: conversation)
      Issue.record("damage passed")
    } catch let error as StoreError {
      #expect(error.code == .damaged)
    }
  }

  @Test("A packed change that is redacted leaves no byte of what it said, packed or not", arguments: 0..<3)
  func erasure(seed: UInt64) throws {
    let folder = try TemporaryFolder()
    var author = try Author(folder.store("history.sqlite"), seed: seed)
    var random = RandomStream(seed: seed, "erasure")
    var taken: [(ObjectID, UInt32)] = []
    var kept: [ObjectID] = []
    for turn in 0..<24 {
      let conversation = try author.start("title")
      let words = Self.secret + random.words(300...2_000)
      let edited = try notes(&author, conversation, words)
      if turn % 3 == 0 { taken.append((conversation, edited.sequence)) } else { kept.append(conversation) }
    }
    let rows = try taken.map { try row(folder, $0.1) }
    #expect(rows.allSatisfy { $0.first == 255 })
    let notes = try kept.map { try author.store.text(.notes, of: $0) }
    for (conversation, _) in taken {
      let draft = Draft(kind: .purge, target: conversation, mutation: .purge(Purge(isImmediate: true)))
      try author.store.write([draft], wall: someWall)
    }
    let sought = rows.flatMap { row in
      stride(from: 16, to: row.count - 24, by: 40).map { Data(row[$0..<$0 + 24]) }
    }
    func found() throws -> Int {
      let files = try folder.names.filter { $0.hasPrefix("history.sqlite") }.map(folder.bytes)
      return sought.count { piece in files.contains { $0.range(of: piece) != nil } }
    }
    try author.store.checkpoint()
    #expect(try found() > 0)
    while try author.store.eraseStep(wall: someWall) == .more {}
    #expect(try found() == 0)
    for (_, sequence) in taken { #expect(try row(folder, sequence).first == 1) }
    #expect(try kept.map { try author.store.text(.notes, of: $0) } == notes)
    #expect(try author.store.verify(scratch: folder.file("scratch")).faults == [])
  }

  @Test("Where some of a change is redacted, the rest is packed anew")
  func partly() throws {
    let folder = try TemporaryFolder()
    var author = try Author(folder.store())
    let (first, second) = (try author.start("one"), try author.start("two"))
    let drafts = [first, second].map { conversation in
      Draft(
        kind: .editText, target: conversation,
        mutation: .editText(
          EditText(
            text: .notes, predecessors: [],
            edits: [TextEdit(.insert, at: 0, count: Self.prose.unicodeScalars.count)])),
        content: author.content(Self.prose))
    }
    let written = try author.store.write(drafts, wall: someWall)
    let before = try row(folder, written[0].sequence)
    try author.store.write(
      [Draft(kind: .purge, target: first, mutation: .purge(Purge(isImmediate: true)))], wall: someWall)
    while try author.store.eraseStep(wall: someWall) == .more {}
    let after = try row(folder, written[0].sequence)
    #expect(after.first == 255 && after.count < before.count)
    #expect(try author.store.conversation(second)?.notes == Self.prose)
    #expect(try author.store.verify(scratch: folder.file("scratch")).faults == [])
  }
}
