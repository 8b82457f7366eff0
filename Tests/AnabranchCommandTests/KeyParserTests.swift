import Testing

@testable import AnabranchCommand

/// What a terminal sends, as keys.
@Suite struct KeyParserTests {
  /// What is sent, and the keys it is.
  static let sequences: [(String, [Key])] = [
    ("a", [.character("a")]), ("/", [.character("/")]), (" ", [.character(" ")]), ("\r", [.enter]), ("\n", [.enter]),
    ("\t", [.tab]), ("\u{7F}", [.backspace]), ("\u{8}", [.backspace]), ("\u{3}", [.control("c")]),
    ("\u{1A}", [.control("z")]), ("\u{0}", []), ("\u{1C}", []),
    ("é", [.character("é")]), ("東", [.character("東")]), ("🌸", [.character("🌸")]),
    ("\u{1B}[A", [.up]), ("\u{1B}[B", [.down]), ("\u{1B}[C", [.right]), ("\u{1B}[D", [.left]), ("\u{1B}OA", [.up]),
    ("\u{1B}[1;5A", [.up]), ("\u{1B}[H", [.home]), ("\u{1B}[F", [.end]), ("\u{1B}[1~", [.home]), ("\u{1B}[4~", [.end]),
    ("\u{1B}[5~", [.pageUp]), ("\u{1B}[6~", [.pageDown]), ("\u{1B}[3~", [.delete]), ("\u{1B}[6;2~", [.pageDown]),
    ("\u{1B}[Z", [.backTab]), ("\u{1B}OM", [.enter]),
    // What means nothing: function keys, a key with Alt, a mouse, a pasted text's frame, answers of the terminal.
    ("\u{1B}OP", []), ("\u{1B}[15~", []), ("\u{1B}[[A", []), ("\u{1B}x", []), ("\u{1B}[<0;10;20A", []),
    ("\u{1B}[200~", []), ("\u{1B}[?62;22c", []), ("\u{1B}]11;rgb:0000/0000/0000\u{7}", []),
    ("\u{1B}]11;rgb:0000/0000/0000\u{1B}\\", []), ("\u{1B}P1+r544e\u{1B}\\", []),
    ("\u{1B}[" + String(repeating: "1;", count: 4_000) + "A", [.up]),
  ]

  @Test(arguments: sequences) func readsKeys(text: String, keys: [Key]) {
    #expect(KeyParser.keys(of: text) == keys)
  }

  /// However the bytes are cut, and whatever follows, the keys are the same.
  @Test func takesSequencesInPieces() {
    for (text, keys) in Self.sequences {
      for (next, after) in Self.sequences where text.utf8.count + next.utf8.count < 100 {
        var parser = KeyParser()
        var taken: [Key] = []
        for byte in Array((text + next).utf8) {
          taken += [parser.take(byte)].compactMap { $0 }
        }
        #expect(taken == keys + after, "\((text + next).debugDescription)")
        #expect(!parser.isWaiting)
      }
    }
  }

  @Test func theEscapeKeyIsWhatNothingFollows() {
    var parser = KeyParser()
    #expect(parser.take(0x1B) == nil && parser.isWaiting)
    #expect(parser.rest() == .escape && !parser.isWaiting)
    // Twice, and then a key by itself.
    #expect(KeyParser.keys(of: "\u{1B}\u{1B}") == [.escape, .escape])
    #expect(KeyParser.keys(of: "\u{1B}\u{1B}[A") == [.escape, .up])
    // Before a key that is none with Alt.
    #expect(KeyParser.keys(of: "\u{1B}\r") == [])
    // Of a sequence that stops, nothing remains.
    for text in ["\u{1B}[", "\u{1B}[1;", "\u{1B}O", "\u{1B}]11;", "\u{1B}[["] {
      for byte in text.utf8 { #expect(parser.take(byte) == nil) }
      #expect(parser.isWaiting && parser.rest() == nil)
      #expect(parser.take(UInt8(ascii: "j")) == .character("j"))
    }
  }

  @Test func whatIsNoTextMeansNothing() {
    for bytes in [[0xFF], [0x80], [0xC0, 0x80], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80]]
      as [[UInt8]]
    {
      var parser = KeyParser()
      #expect(bytes.compactMap { parser.take($0) }.isEmpty, "\(bytes)")
      #expect(parser.take(UInt8(ascii: "j")) == .character("j"), "\(bytes)")
    }
    // A scalar that is cut off takes nothing of what follows with it.
    var parser = KeyParser()
    #expect(([0xE6, 0x9D, 0x1B, 0x5B, 0x41] as [UInt8]).compactMap { parser.take($0) } == [.up])
    #expect(([0x1B, 0x5B, 0x31, 0x1B, 0x5B, 0x42] as [UInt8]).compactMap { parser.take($0) } == [.down])
    #expect(([0x1B, 0x4F, 0x0D] as [UInt8]).compactMap { parser.take($0) } == [.enter])
  }

  /// Whatever comes, it ends, and what somebody types after it is read.
  @Test(arguments: 0..<200 as Range<UInt64>) func getsOverEverything(seed: UInt64) {
    var dice = Dice(seed: seed)
    let beginnings: [[UInt8]] = [[], [0x1B], [0x1B, 0x5B], [0x1B, 0x4F], [0x1B, 0x5D], [0x1B, 0x50], [0xF0]]
    var parser = KeyParser()
    for _ in 0..<20 {
      let noise = (0..<dice.below(30)).map { _ in UInt8(dice.below(256)) }
      for byte in beginnings[dice.below(beginnings.count)] + noise { _ = parser.take(byte) }
    }
    _ = parser.rest()
    #expect(!parser.isWaiting && parser.take(UInt8(ascii: "q")) == .character("q"))
  }
}
