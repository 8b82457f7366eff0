import Testing

@Suite struct LinksTests {
  @Test func everyLinkLeadsSomewhere() {
    let documents = SourceTree.texts.filter { $0.path.hasSuffix(".md") }
    #expect(documents.contains { !Links.targets(in: $0).isEmpty })
    let findings = documents.flatMap { Links.findings(in: $0, exists: SourceTree.exists) }
    #expect(findings.isEmpty, "\(findings.report)")
  }

  private static let present: Set<String> = ["docs/format.md", "docs", "README.md", "docs/a b.md"]

  @Test(arguments: [
    "See [the format](formats.md).",
    "See [the format](format.md) and [this](../docs/missing.md#part).",
    "![a picture](picture.png \"title\")",
    "[format]: missing.md",
    "[away](../../shared/design.md)",
    "[absolute](/docs/format.md)",
  ])
  func seesWhatIsPlanted(text: String) {
    let file = SourceFile(path: "docs/planted.md", text: text)
    #expect(Links.findings(in: file, exists: Self.present.contains).count == 1)
  }

  @Test(arguments: [
    "See [the format](format.md#envelope), [docs](../docs/), [home](../README.md) and [b](a%20b.md).",
    "[web](https://example.org/x.md), [mail](mailto:a@example.org), [part](#part)",
    "`[code](missing.md)` and [format][f]\n\n[f]: ./format.md",
    "```\n[code](missing.md)\n```",
  ])
  func leavesAlone(text: String) {
    let file = SourceFile(path: "docs/fine.md", text: text)
    #expect(Links.findings(in: file, exists: Self.present.contains) == [])
  }
}
