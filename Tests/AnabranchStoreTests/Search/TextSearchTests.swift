import AnabranchCore
import AnabranchTestSupport
import SeededRandom
import Testing

@testable import AnabranchStore

@Suite("Notes, drafts and edited bodies are found as they read")
struct TextSearchTests {
  private func rewrite(
    _ author: inout Author, _ text: TextKind, of object: ObjectID, to words: String
  ) throws {
    try author.store.sealOpenChange(wall: author.wall)
    let now = try #require(try author.store.text(text, of: object))
    var edits = TextEdits()
    if now.count > 0 { edits.delete(0..<now.count) }
    edits.insert(words, at: 0)
    _ = try author.store.edit(
      edits, of: text, in: object, seen: now.version, salt: author.random.bytes16(), wall: author.wall)
  }

  @Test(
    "New words are, words that are gone are not: open, sealed, indexed", arguments: [TextKind.notes, .draft, .body])
  func asItReads(text: TextKind) throws {
    let folder = try TemporaryFolder()
    var (author, conversation, messages) = try folder.author(saying: ["first heron"])
    let object = text == .body ? messages[0] : conversation
    try rewrite(&author, text, of: object, to: "a heron stands there")
    for stage in 0..<3 {
      if stage > 0 { try author.store.sealOpenChange(wall: someWall) }
      if stage > 1 { while try author.store.indexStep() {} }
      let hits = try author.store.search("stands ")
      #expect(hits.map(\.text) == [text] && hits.map(\.conversation) == [conversation])
      #expect(hits.first?.message == (text == .body ? object : nil))
      #expect(hits.first?.snippet == "a heron stands there" && hits.first?.matches == [8..<14])
    }
    try rewrite(&author, text, of: object, to: "an egret")
    for stage in 0..<3 {
      if stage > 0 { try author.store.sealOpenChange(wall: someWall) }
      if stage > 1 { while try author.store.indexStep() {} }
      #expect(try author.store.search("stands ").isEmpty)
      #expect(try author.store.search("egret ").map(\.text) == [text])
    }
    try author.trash(conversation)
    #expect(try author.store.search("egret ").isEmpty)
  }

  @Test("What was purged from them is not found, and what stays is")
  func purged() throws {
    let folder = try TemporaryFolder()
    var (author, conversation, _) = try folder.author(saying: ["hello"])
    try rewrite(&author, .notes, of: conversation, to: "secret bittern")
    try rewrite(&author, .notes, of: conversation, to: "plain crane")
    try rewrite(&author, .draft, of: conversation, to: "a draft about storks")
    try author.store.sealOpenChange(wall: someWall)
    while try author.store.indexStep() {}
    for content in try #require(try author.store.past(of: .notes, in: conversation)) {
      let purge = PurgePast(of: content.operation, gone: content.gone, count: content.count, isImmediate: true)
      try author.store.write(
        [
          Draft(
            kind: .purgePast, target: conversation, mutation: .purgePast(purge), content: author.content(content.kept))
        ], wall: someWall)
    }
    while try author.store.eraseStep(wall: someWall) == .more {}
    #expect(try author.store.search("bittern ").isEmpty)
    #expect(try author.store.search("crane ").map(\.text) == [.notes])
    #expect(try author.store.search("storks ").map(\.text) == [.draft])
    try author.store.write(
      [Draft(kind: .purge, target: conversation, mutation: .purge(Purge(isImmediate: true)))], wall: someWall)
    while try author.store.eraseStep(wall: someWall) == .more {}
    #expect(try author.store.search("crane ").isEmpty && author.store.search("storks ").isEmpty)
  }
}
