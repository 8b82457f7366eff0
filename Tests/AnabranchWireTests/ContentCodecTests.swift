import AnabranchCore
import AnabranchTestSupport
import AnabranchWire
import SeededRandom
import Testing

@Suite("Contents of several fields")
struct ContentCodecTests {
  /// Compared as bytes, since a text equals its composed forms.
  private static func isSame(_ a: String?, _ b: String?) -> Bool {
    a.map { Array($0.utf8) } == b.map { Array($0.utf8) }
  }

  @Test("They are read back as they were written", arguments: UInt64(0)..<60)
  func roundTrip(seed: UInt64) throws {
    var random = RandomStream(seed: seed)
    func maybe() -> String? { random.chance(1, in: 2) ? random.words(0...4) : nil }
    let message = MessageContent(text: random.words(0...9), author: maybe(), model: maybe(), verbatim: maybe())
    let read = try #require(MessageContent(canonicalBytes: message.canonicalBytes[...]))
    #expect(read == message && read.canonicalBytes == message.canonicalBytes)
    #expect(Self.isSame(read.text, message.text) && Self.isSame(read.author, message.author))

    let conversation = ConversationContent(
      title: maybe(), current: random.chance(1, in: 2) ? random.bytes16() : nil, model: maybe(),
      verbatim: maybe(), archived: random.chance(1, in: 2), pinned: random.chance(1, in: 2))
    let source = try #require(ConversationContent(canonicalBytes: conversation.canonicalBytes[...]))
    #expect(source == conversation && source.canonicalBytes == conversation.canonicalBytes)

    let attachment = AttachmentContent(
      name: random.words(1...2), mediaType: maybe(),
      byteCount: random.chance(1, in: 2) ? random.one(of: 0, 300, .max) : nil,
      blob: random.chance(1, in: 2) ? BlobID(random.digest()) : nil, sourceID: maybe())
    let file = try #require(AttachmentContent(canonicalBytes: attachment.canonicalBytes[...]))
    #expect(file == attachment && file.canonicalBytes == attachment.canonicalBytes)
  }

  @Test("Unknown fields are passed over; disorder, repetition and truncation are not")
  func fields() {
    let text: [UInt8] = [1, 2, 104, 105]
    #expect(MessageContent(canonicalBytes: (text + [99, 1, 0])[...])?.text == "hi")
    #expect(MessageContent(canonicalBytes: (text + text)[...]) == nil)
    #expect(MessageContent(canonicalBytes: ([2, 0] + text)[...]) == nil)
    #expect(MessageContent(canonicalBytes: [0, 0]) == nil)
    #expect(MessageContent(canonicalBytes: [1, 3, 104, 105]) == nil)
    #expect(MessageContent(canonicalBytes: [1]) == nil)
    #expect(MessageContent(canonicalBytes: []) == MessageContent(text: ""))
  }

  @Test("No bytes crash the reader")
  func noise() {
    var random = RandomStream(seed: 8)
    for _ in 0..<2_000 {
      let bytes = random.bytes(random.number(in: 0...30))
      _ = MessageContent(canonicalBytes: bytes[...])
      _ = ConversationContent(canonicalBytes: bytes[...])
      _ = AttachmentContent(canonicalBytes: bytes[...])
    }
  }
}
