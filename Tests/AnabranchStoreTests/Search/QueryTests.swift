import AnabranchCore
import AnabranchTestSupport
import SeededRandom
import Testing

@testable import AnabranchStore

@Suite("What can be typed into a search")
struct QueryTests {
  @Test("All words must occur, the last one may be unfinished, phrases are phrases")
  func queries() throws {
    let folder = try TemporaryFolder()
    let texts = [
      "the quick brown fox", "the brown quick dog", "quicksand", "NEAR and OR are words, not rules",
    ]
    let (author, _, _) = try folder.author(saying: texts)
    func places(_ query: String) throws -> Set<Int> {
      Set(try author.store.textsFound(query).compactMap(texts.firstIndex))
    }
    #expect(try places("quick brown") == [0, 1])
    #expect(try places("\"quick brown\"") == [0])
    #expect(try places("\"quick brown") == [0])
    #expect(try places("quick") == [0, 1, 2])
    #expect(try places("quick ") == [0, 1])
    #expect(try places("quick* the") == [0, 1])
    #expect(try places("qui*") == [0, 1, 2])
    #expect(try places("qui the") == [])
    #expect(try places("QUICK FOX") == [0])
    #expect(try places("or near") == [3])
    #expect(try places("NEAR OR ") == [3])
    #expect(try places("quick NOT fox") == [])
    #expect(try places("text: quick") == [])
    #expect(try places("quick -fox") == [0])
    #expect(try places("  ") == [])
    #expect(try places("?!") == [])
  }

  @Test(
    "Nothing that is typed is an error",
    arguments: [
      "\"", "\"\"", "\"\"\"", "*", "**", "a*", "* a", "NEAR(", "NEAR(a b, 3)", "a OR", "OR", "AND", "NOT",
      "NOT a", "-",
      "-a", ":", "a:b", "text:a", "{text}:a", "^a", "a^", "+", "a + b", "(", ")", "(a", "a)", "'", "a'b",
      "\\", ";",
      "a\0b", "\0", "\u{FFFE}", "\u{FFFE}a", "\"\u{301}", "a\"\u{301}b", "\"a\"\u{301}", "*\u{301}",
      "a*\u{301}",
      "\u{301}", "\u{345}", "Ⓐ", "\u{345} a", "🏞️", "🏞️ a", "²", "½", "\u{200D}", "\u{202E}a", "\r\n", "a\r\nb",
      "漢*", "\"漢", "漢\"字", "漢\0字", "\u{10FFFF}", "%", "a%", "_", "$1", "?1", "@a", "\u{1}", "\u{2}a",
    ])
  func anyQuery(query: String) throws {
    let folder = try TemporaryFolder()
    let (author, _, _) = try folder.author(saying: ["a b", query, "漢字"])
    _ = try author.store.search(query)
    while try author.store.indexStep() {}
    _ = try author.store.search(query)
    _ = try author.store.search("a " + query + " b")
  }

  @Test("Long and random queries are no errors either", arguments: UInt64(0)..<6)
  func randomQueries(seed: UInt64) throws {
    let folder = try TemporaryFolder()
    var random = RandomStream(seed: seed)
    let (author, _, _) = try folder.author(saying: ["river"] + (0..<20).map { _ in random.words(1...9) })
    _ = try author.store.indexStep(limit: 10)
    let scalars: [Unicode.Scalar] = [
      "a", "é", "\u{301}", "\"", "*", " ", "(", ")", "-", ":", "^", "+", "漢", "字", "ا", "\0", "\u{FFFE}", "N",
      "O", "R",
    ]
    for _ in 0..<150 {
      let count = random.number(in: 1...12)
      let query = String(
        String.UnicodeScalarView((0..<count).map { _ in scalars[random.number(in: 0...scalars.count - 1)] }))
      #expect(throws: Never.self, "\(query.unicodeScalars.map(\.value))") {
        _ = try author.store.search(query)
      }
    }
    #expect(try author.store.search(String(repeating: "river ", count: 3_000)).isEmpty == false)
    _ = try author.store.search(String(repeating: "漢", count: 3_000))
    _ = try author.store.search((0..<3_000).map { "\"w\($0) x\"" }.joined(separator: " "))
  }
}
