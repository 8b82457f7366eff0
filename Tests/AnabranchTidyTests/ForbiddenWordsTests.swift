import Testing

@Suite struct ForbiddenWordsTests {
  @Test func pureModulesArePure() {
    let pure = SourceTree.sources.filter { Arrows.pure.contains($0.target) }
    #expect(!pure.isEmpty)
    let findings = pure.flatMap(ForbiddenWords.impure.findings)
    #expect(findings.isEmpty, "\(findings.report)")
  }

  @Test func nothingTrapsOrIsLeftForLater() {
    #expect(!SourceTree.sources.isEmpty)
    let findings = SourceTree.sources.flatMap {
      ForbiddenWords.traps.findings(in: $0) + ForbiddenWords.reminders.findings(in: $0)
    }
    #expect(findings.isEmpty, "\(findings.report)")
  }

  @Test func librariesDoNotPrintOrReadTheEnvironment() {
    let libraries = SourceTree.sources.filter { $0.target != Arrows.command }
    let findings = libraries.flatMap(ForbiddenWords.talkative.findings)
    #expect(findings.isEmpty, "\(findings.report)")
  }

  @Test(arguments: [
    (ForbiddenWords.impure, "internal import Foundation"),
    (.impure, "func f() async {}"),
    (.impure, "let now = Date()"),
    (.impure, #"let name = "at \(UUID())""#),
    (.impure, "keys.shuffled()"),
    (.impure, "Task { }"),
    (.impure, "var g = SystemRandomNumberGenerator()"),
    (.traps, "let a = try! f()"),
    (.traps, "let a = b as! C"),
    (.traps, "fatalError()"),
    (.reminders, "let a = 1  // TODO later"),
    (.talkative, "print(a)"),
    (.talkative, "ProcessInfo.processInfo.environment[name]"),
    (.talkative, "getenv(name)"),
  ])
  func seesWhatIsPlanted(words: ForbiddenWords, line: String) {
    let file = SourceFile(path: "Planted.swift", text: "\n\(line)\n")
    #expect(words.findings(in: file).map(\.line) == [2])
  }

  @Test(arguments: [
    (ForbiddenWords.impure, "/// Not `async`; see `Date()`."),
    (.impure, "let factor = asynchronous"),
    (.impure, "for at in nodes.randomized(by: &generator) {}"),
    (.traps, "if alias != b {}"),
    (.talkative, "let blueprint = fingerprint(a)"),
    (.reminders, "mkstemp(\"anabranch-XXXXXX\")"),
  ])
  func leavesAlone(words: ForbiddenWords, line: String) {
    #expect(words.findings(in: SourceFile(path: "Fine.swift", text: line)) == [])
  }
}
