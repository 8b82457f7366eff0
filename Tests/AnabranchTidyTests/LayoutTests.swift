import Testing

@Suite struct LayoutTests {
  @Test func everyFileIsLaidOutWell() {
    #expect(SourceTree.texts.count > SourceTree.sources.count)
    let findings = SourceTree.texts.flatMap(Layout.findings)
    #expect(findings.isEmpty, "\(findings.report)")
  }

  @Test(arguments: [
    ("let a = 1", 1),
    ("let a = 1\n\n", 2),
    ("let a = 1\n\tlet b = 2\n", 2),
    ("let a = 1 \n", 1),
    ("let a = 1\r\nlet b = 2\n", 1),
    (String(repeating: "let a = 1\n", count: Layout.linesMax + 1), Layout.linesMax + 1),
  ])
  func seesWhatIsPlanted(text: String, line: Int) {
    #expect(Layout.findings(in: SourceFile(path: "Planted.swift", text: text)).map(\.line) == [line])
  }

  @Test(arguments: [
    ("Fine.swift", String(repeating: "let a = 1\n", count: Layout.linesMax)),
    ("long.md", String(repeating: "words\n", count: Layout.linesMax + 1)),
  ])
  func leavesAlone(path: String, text: String) {
    #expect(Layout.findings(in: SourceFile(path: path, text: text)) == [])
  }
}
