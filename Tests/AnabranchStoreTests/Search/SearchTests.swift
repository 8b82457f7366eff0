import AnabranchCore
import AnabranchTestSupport
import AnabranchWire
import GRDB
import SeededRandom
import Testing

@testable import AnabranchStore
@testable import AnabranchSync

@Suite("Searching")
struct SearchTests {
  @Test("What was written is found before, during and after indexing")
  func neverStale() throws {
    let folder = try TemporaryFolder()
    let (author, _, _) = try folder.author(saying: (0..<12).map { "common number\($0)" })
    for step in 0..<20 {
      for number in [0, 7, 11] {
        #expect(try author.store.textsFound("number\(number) ") == ["common number\(number)"])
      }
      #expect(try author.store.textsFound("common", limit: 100).count == 12, "after \(step) steps")
      if try !author.store.indexStep(limit: 1) { break }
    }
    #expect(try author.store.unindexed() == 0)
    #expect(try author.store.indexStep() == false)
  }

  @Test("Streamed text is found, sealed or not, also across the pieces", arguments: [false, true])
  func streamed(indexes: Bool) throws {
    let folder = try TemporaryFolder()
    let (start, _, messages) = try folder.author(saying: ["An old que"])
    var author = start
    for (piece, sealed) in [("stion", true), (" about riv", false), ("ers and del", true), ("tas", false)] {
      try author.stream(piece, to: messages[0])
      if sealed { try author.store.sealOpenChange(wall: author.wall) }
      if indexes { while try author.store.indexStep(limit: 1) {} }
    }
    let text = "An old question about rivers and deltas"
    for query in [
      "question ", "old rivers", "\"old question about\"", "an deltas ", "\"and deltas\"", "rivers",
    ] {
      #expect(try author.store.textsFound(query) == [text], "\(query)")
      let hit = try #require(try author.store.search(query).first)
      #expect(hit.snippet == text)
    }
    #expect(try author.store.textsFound("\"old rivers\"") == [])
    try author.store.sealOpenChange(wall: author.wall)
    while try author.store.indexStep() {}
    #expect(try author.store.textsFound("old deltas") == [text])
  }

  @Test("The best hit comes first, in the index as before it", arguments: [false, true])
  func ranked(indexes: Bool) throws {
    let folder = try TemporaryFolder()
    let filler = String(repeating: "word ", count: 60)
    let (author, _, _) = try folder.author(
      saying: [filler + "river", "river river", filler] + (0..<20).map { "nothing \($0)" })
    if indexes { while try author.store.indexStep() {} }
    #expect(try author.store.textsFound("river ") == ["river river", filler + "river"])
    #expect(try author.store.textsFound("river ", limit: 1) == ["river river"])
    #expect(try author.store.textsFound("river ", limit: 0) == [])
    #expect(try author.store.textsFound("river ", limit: .max).count == 2)
    let ranks = try author.store.search("river ").map(\.rank)
    #expect(ranks == ranks.sorted())
  }

  @Test("Snippets are one line around the match, with the matches' places")
  func snippets() throws {
    let folder = try TemporaryFolder()
    let text =
      String(repeating: "before ", count: 100) + "a\nRiver  of 東京都 water"
      + String(repeating: " after", count: 100)
    let (author, _, _) = try folder.author(saying: [text, "\u{1}river\u{2}\u{0}\u{0}river"])
    for query in ["river", "river 東京", "\"river of\"", "water"] {
      let hit = try #require(try author.store.search(query).first { $0.snippet.contains("water") })
      #expect(!hit.snippet.contains("\n") && hit.snippet.unicodeScalars.count < 300)
      let scalars = Array(hit.snippet.unicodeScalars)
      #expect(!scalars.contains(SearchText.mark))
      let matched = hit.matches.map { String(String.UnicodeScalarView(scalars[$0])) }
      switch query {
      case "river": #expect(matched == ["River"])
      case "river 東京": #expect(matched == ["River", "東京"])
      case "water": #expect(matched == ["water"])
      default: #expect(matched == ["River  of"])
      }
    }
    let odd = try #require(try author.store.search("river").first { !$0.snippet.contains("water") })
    #expect(odd.matches.count == 2 && odd.snippet.unicodeScalars.allSatisfy { $0.value > 2 })
  }

  @Test("What lies in the trash is not found, and found again once it is restored", arguments: [false, true])
  func trash(indexes: Bool) throws {
    let folder = try TemporaryFolder()
    let (start, conversation, _) = try folder.author(saying: ["a river"])
    var author = start
    if indexes { while try author.store.indexStep() {} }
    try author.trash(conversation)
    #expect(try author.store.textsFound("river") == [])
    try author.restore(conversation)
    #expect(try author.store.textsFound("river") == ["a river"])
  }

  @Test("Hits behind many that are hidden are found all the same")
  func manyHidden() throws {
    let folder = try TemporaryFolder()
    let (start, conversation, _) = try folder.author(saying: (0..<120).map { "river river \($0)" })
    var author = start
    let other = try author.start("another")
    try author.say("a long way down to the river", in: other)
    try author.trash(conversation)
    #expect(try author.store.search("river", limit: 1).count == 1)
    while try author.store.indexStep() {}
    #expect(try author.store.search("river", limit: 1).count == 1)
    #expect(try author.store.search("river").map(\.conversation) == [other])
  }

  @Test("Of several imports only the one that shows is found", arguments: [false, true])
  func imports(newestFirst: Bool) throws {
    let folder = try TemporaryFolder()
    var author = try Author(folder.store())
    let versions: [(String, Int64)] = [("a river", 1), ("a delta", 2)]
    var message: ObjectID?
    for (text, updated) in newestFirst ? versions.reversed() : versions {
      message = try author.importMessage(text, named: "m", in: "c", updated: updated).message
      _ = try author.store.indexStep(limit: 1)
    }
    #expect(try author.store.textsFound("river") == [])
    #expect(try author.store.textsFound("delta") == ["a delta"])
    try author.stream(" of a stream", to: try #require(message))
    try author.store.sealOpenChange(wall: author.wall)
    try author.importMessage("the sea", named: "m", in: "c", updated: 3)
    while try author.store.indexStep() {}
    // What a person wrote stays on the words that it was written on.
    #expect(try author.store.textsFound("sea") == [])
    #expect(try author.store.textsFound("delta stream") == ["a delta of a stream"])
  }

  @Test("Shards are filled one after the other, and searched together")
  func shards() throws {
    let folder = try TemporaryFolder()
    let (author, _, _) = try folder.author(saying: (0..<30).map { "common number\($0)" })
    author.store.shardDocumentsMax = 7
    while try author.store.indexStep(limit: 4) {}
    let documents = try author.store.queue.inDatabase { db in
      try Int.fetchAll(db, sql: "SELECT documents FROM search_shard ORDER BY number")
    }
    #expect(documents == [7, 7, 7, 7, 2])
    #expect(try author.store.textsFound("common", limit: 100).count == 30)
    for number in 0..<30 { #expect(try author.store.textsFound("number\(number) ").count == 1) }
  }

  @Test("What comes from another device is found like one's own", arguments: UInt64(0)..<10)
  func received(seed: UInt64) throws {
    let history = HistoryGenerator.history(seed: seed)
    let folder = try TemporaryFolder()
    let store = try folder.store()
    var random = RandomStream(seed: seed)
    try store.receive(history.delivery(using: &random), of: history, using: &random)
    for limit in [0, 7, 1_000] {
      if limit > 0 { _ = try store.indexStep(limit: limit) }
      for word in ["river", "delta", "流れ", "نهر"] {
        var expected: Set<[ObjectID?]> = []
        for summary in try store.conversations() {
          guard let record = try store.conversation(summary.id) else { continue }
          // Of a conversation's texts each is a hit of its own.
          if Self.words(record.notes).contains(word) { expected.insert([summary.id, nil, nil]) }
          if Self.words(record.draft).contains(word) { expected.insert([summary.id, nil]) }
          for message in try store.conversation(summary.id)?.messages ?? [] {
            guard let text = message.content?.text, Self.words(text).contains(word) else { continue }
            expected.insert([summary.id, message.id])
          }
        }
        let hits = try store.search(word + " ", limit: 1_000)
        let found = hits.map { [$0.conversation, $0.message] + ($0.text == .notes ? [nil] : []) }
        #expect(Set(found) == expected, "\(word) after \(limit)")
        #expect(hits.count == expected.count)
      }
    }
  }

  /// The table and its four parts are left where only the list is gone; the parts, where the table is gone too.
  @Test(
    "What a disk that altered the schema has left of the index is told of, and in nobody's way",
    arguments: [
      (damage: "DELETE FROM search_shard", left: 5),
      ("DELETE FROM search_shard; PRAGMA writable_schema = ON; DELETE FROM sqlite_schema WHERE name = 'search_0'", 4),
    ])
  func leftOfATable(damage: String, left: Int) throws {
    let folder = try TemporaryFolder()
    var author = try Author(folder.store())
    let message = try author.say("a needle", in: try author.start("title"))
    while try author.store.indexStep() {}
    try author.store.transaction { db, _ in try db.execute(sql: damage + "; UPDATE log SET indexed = 0") }
    try author.store.close()
    let store = try folder.store()
    let faults = try store.verify(scratch: folder.file("scratch")).messages
    #expect(faults.count == left && faults.allSatisfy { $0.hasPrefix("search_0") }, "\(faults)")
    while try store.indexStep() {}
    #expect(try store.search("needle").map(\.message) == [message])
    #expect(try store.verify(scratch: folder.file("scratch")).isSound)
  }

  /// The words of a generated text, which are apart by spaces, line ends and U+0000, unless pieces met.
  private static func words(_ text: String) -> Set<String> {
    var words: Set<String> = []
    for run in text.unicodeScalars.split(whereSeparator: { scalar in
      !scalar.properties.isAlphabetic && scalar.properties.numericType == nil && scalar.value != 0x301
    }) {
      let word = String(run)
      words.insert(word)
      if word.contains("流れ") { words.insert("流れ") }
      // Characters that stand alone part the words beside them.
      for part in run.split(whereSeparator: SearchText.standsAlone) { words.insert(String(part)) }
    }
    return words
  }
}
