import AnabranchCore
import SeededRandom
import Testing

@Suite("Text and its bytes")
struct TextTests {
  @Test("Bytes are a text exactly where the standard library finds them to be UTF-8", arguments: UInt64(0)..<8)
  func utf8(seed: UInt64) {
    var random = RandomStream(seed: seed, "text")
    let pieces: [[UInt8]] = [
      Array("plain words".utf8), Array("é東🙂".utf8), [0xEF, 0xBF, 0xBD], [0], [0x80], [0xC0, 0x80], [0xF0, 0x9F, 0x98],
      [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xFF], [],
    ]
    var texts = 0
    for _ in 0..<2_000 {
      var bytes: [UInt8] = []
      for _ in 0..<random.number(in: 0...6) { bytes += pieces[random.number(in: 0...pieces.count - 1)] }
      let expected = String(validating: bytes, as: UTF8.self)
      #expect(String(utf8: bytes) == expected)
      #expect(String(utf8: bytes[...]) == expected)
      #expect(String(utf8: bytes.lazy.map { $0 }) == expected)
      if expected != nil { texts += 1 }
    }
    #expect((100..<1_900).contains(texts))
  }
}
