import Testing

/// The other tests see only what this leaves, so what it takes away is tested first.
@Suite struct SwiftCodeTests {
  @Test(arguments: [
    ("let a = 1 // try! b", "let a = 1"),
    ("/* try! /* nested */ still */ let a = 1", "let a = 1"),
    (#"let a = "try! b" + c"#, "let a =          + c"),
    (#"let a = "an escaped \" quote"; b"#, "; b"),
    (#"let a = "time \(f("x", g())) now"; b"#, "f(   , g())"),
    (##"let a = #"raw "quote" \(no)"#; b"##, "; b"),
    (##"let a = #"raw \#(yes) "#; b"##, "yes"),
    ("let a = \"\"\"\n  try! \"b\"\n  \"\"\"\nc", "c"),
    ("let a = \"unterminated\nlet b = 1", "let b = 1"),
    ("#if DEBUG\nlet a = 1\n#endif", "#if DEBUG\nlet a = 1\n#endif"),
  ])
  func keepsCodeOnly(text: String, kept: String) {
    let code = SwiftCode.stripped(text)
    #expect(code.contains(kept))
    for word in ["try!", "still", "quote", "time", "raw", "no)", "unterminated"] {
      #expect(!code.contains(word))
    }
  }

  @Test func keepsLinesAndColumns() {
    let text = "a /* one\ntwo */ b\n\"\"\"\nü\n\"\"\" c"
    let code = SwiftCode.stripped(text)
    #expect(code.utf8.count == text.utf8.count)
    #expect(SwiftCode.lines(with: "b", in: code) == [2])
    #expect(SwiftCode.lines(with: "c", in: code) == [5])
  }

  @Test func findsWholeWordsOnly() {
    let text = "actor A\nlet factor = 1\nlet actors = 2\nx.random(in: y)\nUpDate()\nDate()\nDate ()"
    #expect(SwiftCode.lines(with: "actor", in: text) == [1])
    #expect(SwiftCode.lines(with: ".random(", in: text) == [4])
    #expect(SwiftCode.lines(with: "Date()", in: text) == [6])
  }
}
