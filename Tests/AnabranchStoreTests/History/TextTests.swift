import AnabranchCore
import AnabranchTestSupport
import AnabranchWire
import Testing

@testable import AnabranchStore

@Suite("Every text comes back as it was")
struct TextTests {
  private static let texts = [
    "", "\u{0}", "a\u{0}b\u{0}", "\u{301}", "\u{301}a\u{301}\u{301}", "e\u{301}", "é",
    "\r\n\t\u{1}\u{2}\u{7f}", "\u{FFFE}\u{FFFF}",
    "\u{202E}abc", "👩‍👩‍👧‍👦", "\u{10FFFF}", "' OR 1=1; --", "\u{FEFF}bom",
  ]

  private func scalars(_ text: String?) -> [UInt32]? {
    text?.unicodeScalars.map(\.value)
  }

  @Test("Through every column", arguments: texts)
  func everyColumn(text: String) throws {
    let folder = try TemporaryFolder()
    var author = try Author(folder.store())
    let conversation = try author.start(text)
    let message = try author.say(text, in: conversation)
    let answer = try author.say("so: ", in: conversation, role: .assistant)
    if !text.isEmpty { try author.stream(text, to: answer) }
    try author.tag(conversation, text)
    try author.write(.model, of: conversation, Array(text.utf8))
    let (imported, part) = try author.importMessage(text, named: "m", in: text)
    try author.store.setName(text)
    let peer = PeerRecord(device: .zero, name: text, address: text, vector: author.store.vector, contact: 1)
    try author.store.save(peer)
    while try author.store.indexStep() {}
    author = try author.reopened(folder.store())

    let summary = try #require(try author.store.summary(of: conversation))
    #expect(scalars(summary.title) == scalars(text))
    #expect(summary.tags.map(scalars) == [scalars(text)])
    #expect(scalars(summary.model) == scalars(text))
    #expect(scalars(try author.store.message(message)?.message.content?.text) == scalars(text))
    #expect(scalars(try author.store.message(answer)?.message.content?.text) == scalars("so: " + text))
    #expect(scalars(try author.store.summary(of: imported)?.title) == scalars(text))
    #expect(scalars(try author.store.message(part)?.message.content?.text) == scalars(text))
    #expect(scalars(try author.store.name()) == scalars(text))
    let kept = try #require(try author.store.peers().first)
    #expect(scalars(kept.name) == scalars(text) && scalars(kept.address) == scalars(text))
    #expect(try author.store.verify(scratch: folder.file("scratch")).faults == [])
  }

  @Test("Ten megabytes, in chunks")
  func chunks() throws {
    let folder = try TemporaryFolder()
    var author = try Author(folder.store())
    let conversation = try author.start("title")
    let text =
      String(repeating: "ten \u{0}megabytes 漢字 of text, e\u{301}", count: 300_000) + " and one needle"
    let bytes = MessageContent(text: text).canonicalBytes
    #expect(bytes.count > 10_000_000)
    var chunks: [OperationID] = []
    var start = 0
    while bytes.count - start > Limits.contentBytesMax {
      let piece = Array(bytes[start..<start + Limits.contentBytesMax])
      let draft = Draft(kind: .chunk, target: nil, mutation: .chunk, content: author.content(piece))
      chunks += try author.store.write([draft], wall: author.wall)
      start += piece.count
    }
    var draft = author.message("", in: conversation, after: [])
    guard case .createMessage(var create) = draft.mutation else { return }
    create.chunks = chunks
    draft.mutation = .createMessage(create)
    draft.content = author.content(Array(bytes[start...]))
    let message = ObjectID.native(try author.store.write([draft], wall: author.wall)[0])
    try author.stream("!", to: message)

    let other = try folder.store("other")
    try author.store.sealOpenChange(wall: author.wall)
    try other.pull(from: author.store, bytesMax: 1 << 20)
    for store in [author.store, other] {
      let read = try #require(try store.message(message)?.message.content?.text)
      #expect(read.utf8.elementsEqual((text + "!").utf8))
      while try store.indexStep() {}
      #expect(try store.search("needle").map(\.message) == [message])
    }
    #expect(try other.stateHash() == author.store.stateHash())
    #expect(try other.verify(scratch: folder.file("scratch")).faults == [])
  }
}
