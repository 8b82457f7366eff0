import AnabranchCore
import AnabranchTestSupport
import AnabranchWire
import Foundation
import GRDB
import SeededRandom
import Testing

@testable import AnabranchStore

@Suite("The views keep edited texts as they read")
struct CurrentTextTests {
  private static let pieces = [
    "a", "plain words ", "\u{301}", "e\u{301}", "שלום ", "\u{202E}rtl\u{202C}", "👩‍👩‍👧‍👦", "東京", "\u{0}", "\u{10FFFF}",
  ]

  /// What a text says when everything that was ever done to it is replayed.
  private func replayed(_ text: TextKind, of object: ObjectID, _ store: Store) throws -> String? {
    try store.reading { db in
      guard let key = try db.key(of: object, store.state) else { return nil }
      return try ContentReader(db, store.state).text(text, ofHeld: key)?.document.text
    }
  }

  private func edit(
    _ author: inout Author, _ text: TextKind, of object: ObjectID, _ make: (inout TextEdits, Int) -> Void
  ) throws {
    guard let now = try author.store.text(text, of: object) else { return }
    var edits = TextEdits()
    make(&edits, now.count)
    _ = try author.store.edit(
      edits, of: text, in: object, seen: now.version, salt: author.random.bytes16(), wall: author.wall)
  }

  @Test("Whatever several devices do to them, in whatever batches it comes", arguments: UInt64(0)..<8)
  func manyDevices(seed: UInt64) throws {
    let folder = try TemporaryFolder()
    var authors = try (0..<3).map { try Author(folder.store("\($0)"), seed: seed &* 10 + $0) }
    var random = RandomStream(seed: seed, "texts")
    let conversation = try authors[0].start("title")
    let message = try authors[0].say(String(repeating: "日本語 words ", count: 300), in: conversation)
    for other in 1...2 { try authors[other].store.pull(from: authors[0].store) }
    for _ in 0..<150 {
      let author = random.below(3)
      let (text, object) = random.one(of: (TextKind.body, message), (.notes, conversation), (.draft, conversation))
      switch random.below(8) {
      case 0: try authors[author].store.sealOpenChange(wall: someWall)
      case 1:
        let other = random.below(3)
        guard other != author else { continue }
        try authors[other].store.sealOpenChange(wall: someWall)
        try authors[author].store.pull(from: authors[other].store, bytesMax: random.one(of: 1, 3_000, 1 << 20))
      case 2: try authors[author].stream(random.pick(Self.pieces) ?? "", to: message)
      default:
        try authors[author].store.sealOpenChange(wall: someWall)
        let piece = String(repeating: random.pick(Self.pieces) ?? "", count: random.one(of: 1, 1, 2, 700))
        try edit(&authors[author], text, of: object) { edits, count in
          let position = random.below(count + 1)
          if count > 4, random.chance(1, in: 3) { edits.delete(position..<min(count, position + 3)) }
          if edits.isEmpty || random.chance(1, in: 2) { edits.insert(piece, at: position) }
        }
      }
      let now = try authors[author].store.text(text, of: object)?.text.unicodeScalars.map(\.value)
      #expect(try now == replayed(text, of: object, authors[author].store)?.unicodeScalars.map(\.value))
    }
    for author in authors { try author.store.sealOpenChange(wall: someWall) }
    for _ in 0..<2 {
      for (one, other) in [(0, 1), (1, 2), (2, 0), (1, 0)] { try authors[one].store.pull(from: authors[other].store) }
    }
    let expectation = Expectation(try authors[0].store.sealedChanges())
    for author in authors {
      expectAgreement(try differences(author.store, expectation))
      #expect(try author.store.verify(scratch: folder.file("scratch")).faults == [])
    }
    let dumps = try authors[0].store.conversationDumps()
    #expect(try authors[1].store.conversationDumps() == dumps)
    try authors[0].store.rebuildViews()
    #expect(try authors[0].store.conversationDumps() == dumps)
  }

  @Test("A small edit of ten megabytes writes a few pages of the file")
  func tenMegabytes() throws {
    let folder = try TemporaryFolder()
    var author = try Author(folder.store())
    let conversation = try author.start("title")
    let line = "日本語 e\u{301} שלום 👩‍👩‍👧 plain words\n"
    let part = String(repeating: line, count: 4_000)
    for _ in 0..<48 {
      try edit(&author, .notes, of: conversation) { edits, count in edits.insert(part, at: count) }
      try author.store.sealOpenChange(wall: someWall)
    }
    let whole = try #require(try author.store.text(.notes, of: conversation))
    #expect(whole.text.utf8.count > 10_000_000)
    try author.store.checkpoint()
    var (expected, version) = (Array(whole.text.unicodeScalars), whole.version)
    for step in 1...10 {
      let before = try logBytes(folder)
      let position = expected.count / 11 * step
      var edits = TextEdits()
      edits.insert("é", at: position)
      edits.delete(position + 2..<position + 5)
      version = try author.store.edit(
        edits, of: .notes, in: conversation, seen: version, salt: author.random.bytes16(), wall: someWall)
      try author.store.sealOpenChange(wall: someWall)
      expected.insert("é", at: position)
      expected.removeSubrange(position + 2..<position + 5)
      #expect(try logBytes(folder) - before < 40 * 4_096)
    }
    let now = try #require(try author.store.text(.notes, of: conversation))
    #expect(Array(now.text.unicodeScalars) == expected)
    #expect(now.count == expected.count)
    let other = try folder.store("other")
    try other.pull(from: author.store, bytesMax: 1 << 20)
    #expect(try other.conversation(conversation)?.notes == now.text)
  }

  private func logBytes(_ folder: TemporaryFolder) throws -> Int {
    try folder.names.filter { $0.hasSuffix("-wal") }.reduce(0) { try $0 + folder.bytes(of: $1).count }
  }

  @Test("The words of several imports, where each was edited, are told apart as before")
  func severalImports() throws {
    let folder = try TemporaryFolder()
    var (one, two) = (try Author(folder.store("1"), seed: 1), try Author(folder.store("2"), seed: 2))
    let (conversation, message) = try one.importMessage("first words", named: "m", in: "c", updated: 1)
    try edit(&one, .body, of: message) { edits, _ in edits.insert("my ", at: 0) }
    try one.store.sealOpenChange(wall: someWall)
    #expect(try one.store.text(.body, of: message)?.text == "my first words")
    try two.importMessage("second words", named: "m", in: "c", updated: 2)
    try edit(&two, .body, of: message) { edits, _ in edits.insert("her ", at: 0) }
    try two.store.sealOpenChange(wall: someWall)
    try one.store.pull(from: two.store)
    try two.store.pull(from: one.store)
    for store in [one.store, two.store] {
      #expect(try store.text(.body, of: message)?.text == "her second words")
      #expect(try store.conversation(conversation)?.messages.first?.content?.text == "her second words")
      #expect(try store.verify(scratch: folder.file("scratch")).faults == [])
    }
    try edit(&one, .body, of: message) { edits, count in edits.insert("!", at: count) }
    #expect(try one.store.text(.body, of: message)?.text == "her second words!")
  }

  @Test(
    "Damage to what is kept is found and named, and rebuilding mends it",
    arguments: [
      "DELETE FROM page", "UPDATE page SET bytes = x'ff' WHERE id = 1", "UPDATE page SET bytes = 7",
      "UPDATE text_page SET count = 0", "UPDATE text_page SET count = count + 1", "DELETE FROM text_page",
      "UPDATE text_page SET count = 9223372036854775807", "UPDATE text SET count = count - 3",
      "UPDATE text SET version = x'00'", "UPDATE text SET operations = 0", "UPDATE edit SET number = 99",
      "UPDATE edit SET before = -1", "UPDATE edit SET number = NULL", "INSERT INTO page(bytes) VALUES(x'61')",
      "UPDATE text SET count = -1", "DELETE FROM text", "UPDATE page SET bytes = x'61626364'",
    ])
  func damage(sql: String) throws {
    let folder = try TemporaryFolder()
    var (one, two) = (try Author(folder.store("1"), seed: 1), try Author(folder.store("2"), seed: 2))
    let conversation = try one.start("title")
    try edit(&one, .notes, of: conversation) { edits, _ in edits.insert("what both of us know", at: 0) }
    try one.store.sealOpenChange(wall: someWall)
    try two.store.pull(from: one.store)
    try edit(&one, .notes, of: conversation) { edits, _ in edits.insert("one ", at: 0) }
    try one.store.sealOpenChange(wall: someWall)
    try edit(&two, .notes, of: conversation) { edits, count in edits.insert(" two", at: count) }
    try two.store.sealOpenChange(wall: someWall)
    try one.store.close()
    let queue = try DatabaseQueue(path: folder.file("1"))
    try queue.writeWithoutTransaction { try $0.execute(sql: sql) }
    try queue.close()

    let store = try folder.store("1")
    do {
      #expect(try !store.verify(scratch: folder.file("scratch")).faults.isEmpty)
    } catch {
      #expect(error.code == .damaged)
    }
    // It is read, or refused; it never traps.
    for _ in 0..<2 {
      do {
        _ = try store.text(.notes, of: conversation)
        _ = try store.conversation(conversation)
      } catch {
        #expect(error.code == .damaged)
      }
      do {
        try store.pull(from: two.store)
      } catch let error as StoreError {
        #expect(error.code == .damaged)
      }
    }
    try store.rebuildViews()
    try store.pull(from: two.store)
    #expect(try store.conversation(conversation)?.notes == "one what both of us know two")
    #expect(try store.verify(scratch: folder.file("scratch")).faults == [])
  }

  @Test("What was deleted from a text, and its past purged, lies in no byte of the views either", arguments: 0..<4)
  func pastIsErased(seed: UInt64) throws {
    let folder = try TemporaryFolder()
    var author = try Author(folder.store("history.sqlite"), seed: seed)
    let conversation = try author.start("title")
    var random = RandomStream(seed: seed, "past")
    var secrets: [String] = []
    for turn in 0..<120 {
      let secret = String((0..<18).map { _ in random.pick(Array("bcdfghjklmnpqrstvwxz")) ?? "q" })
      secrets.append(secret)
      try edit(&author, .notes, of: conversation) { edits, count in
        edits.insert(secret + random.words(0...40), at: random.below(count + 1))
      }
      try author.store.sealOpenChange(wall: someWall)
      guard turn.isMultiple(of: 3) else { continue }
      try edit(&author, .notes, of: conversation) { edits, count in
        edits.delete(0..<min(count, random.one(of: 40, 900, 9_000)))
      }
      try author.store.sealOpenChange(wall: someWall)
    }
    let now = try #require(try author.store.text(.notes, of: conversation))
    try edit(&author, .notes, of: conversation) { edits, count in
      edits.delete(0..<count)
      edits.insert("what stays", at: 0)
    }
    try author.store.sealOpenChange(wall: someWall)
    #expect(secrets.contains { now.text.contains($0) })
    let past = try #require(try author.store.past(of: .notes, in: conversation))
    for content in past {
      let purge = PurgePast(of: content.operation, gone: content.gone, count: content.count, isImmediate: true)
      let draft = Draft(
        kind: .purgePast, target: conversation, mutation: .purgePast(purge), content: author.content(content.kept))
      try author.store.write([draft], wall: someWall)
    }
    while try author.store.eraseStep(wall: someWall) == .more {}
    #expect(try author.store.text(.notes, of: conversation)?.text == "what stays")
    for file in try folder.names where file.hasPrefix("history.sqlite") {
      let bytes = try folder.bytes(of: file)
      #expect(secrets.filter { bytes.range(of: Data($0.suffix(10).utf8)) != nil } == [], "\(file)")
      #expect(file.hasSuffix("-wal") || file.hasSuffix("-shm") || bytes.range(of: Data("what stays".utf8)) != nil)
    }
    #expect(try author.store.verify(scratch: folder.file("scratch")).faults == [])
  }
}
