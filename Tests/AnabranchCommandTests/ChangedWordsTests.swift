import Testing

@testable import AnabranchCommand

/// What a text said and says, on one line.
@Suite struct ChangedWordsTests {
  private static let before = "We take the slow train along the coast, with a stop for lunch, and reach Lagos by night"
  private static let after =
    "We take the slow train along the coast, with a stop for lunch, and stay in Lisbon for good"

  @Test("Where both fit, all of both is quoted")
  func whole() {
    #expect(ChangedWords("one\n two", "one three").fit(80) == "“one two” → “one three”")
    #expect(ChangedWords("one\ntwo", "one two").isSame)
  }

  @Test(
    "Else each around the first place where they differ, in the columns that there are",
    arguments: [30, 47, 60, 80, 120])
  func cut(columns: Int) {
    let text = ChangedWords(Self.before, Self.after).fit(columns)
    #expect(TextWidth.columns(text) <= columns && text.hasPrefix("“…"), "\(text)")
    #expect(text.contains("rea") && text.contains("sta"), "\(text)")
    if columns == 60 { #expect(text == "“…ch, and reach Lagos by n…” → “…nch, and stay in Lisbon f…”", "\(text)") }
  }

  @Test("Who needs less leaves the rest to the other; what was added behind the end is seen")
  func shares() {
    #expect(ChangedWords("Trip", Self.after).fit(40) == "“Trip” → “We take the slow train along…”")
    #expect(ChangedWords(Self.before, Self.before + ", at last").fit(60).contains(", at last”"))
    #expect(ChangedWords("a", Self.after).fit(10).count <= 10)
  }
}
