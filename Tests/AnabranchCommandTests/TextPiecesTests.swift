import Anabranch
import Testing

@testable import AnabranchCommand

@Suite struct TextPiecesTests {
  /// However the bytes are cut, the same text comes out, without the newline that ends it.
  @Test(arguments: ["", "a", "né 時 👩‍👩‍👧.\n", "one\n\ntwo\n\n", "\n", "🌊"])
  func theCutsOfBytesDoNotMatter(text: String) throws {
    let bytes = Array(text.utf8)
    let whole = text.unicodeScalars.last == "\n" ? String(text.unicodeScalars.dropLast()) : text
    for first in 0...bytes.count {
      for second in first...bytes.count {
        var pieces = TextPieces()
        var read = ""
        for part in [bytes[..<first], bytes[first..<second], bytes[second...]] {
          let piece = try pieces.add(Array(part))
          #expect(Array((read + piece).utf8) == Array(bytes.prefix((read + piece).utf8.count)))
          read += piece
        }
        #expect(try read + pieces.end() == whole)
      }
    }
  }

  @Test(arguments: [[0xff], [0x61, 0x80, 0x62], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0x61, 0xe6, 0x62]] as [[UInt8]])
  func whatIsNoTextIsRefused(bytes: [UInt8]) {
    #expect(throws: AnabranchError.self) {
      var pieces = TextPieces()
      for byte in bytes { _ = try pieces.add([byte]) }
      _ = try pieces.end()
    }
    #expect(throws: AnabranchError.self) {
      var pieces = TextPieces()
      _ = try pieces.add(bytes)
      _ = try pieces.end()
    }
  }

  @Test func whatEndsWithinAScalarIsRefused() throws {
    var pieces = TextPieces()
    #expect(try pieces.add([0x61, 0xe6, 0x99]) == "a")
    #expect(throws: AnabranchError.self) { _ = try pieces.end() }
  }
}
