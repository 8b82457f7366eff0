import Testing

@Suite struct DocumentationTests {
  @Test func everyPublicDeclarationIsDocumented() {
    let libraries = SourceTree.sources.filter { $0.target != Arrows.command }
    #expect(!libraries.isEmpty)
    let findings = libraries.flatMap(Documentation.findings)
    #expect(findings.isEmpty, "\(findings.report)")
  }

  @Test(arguments: [
    "public struct A {}",
    "// Not a doc comment.\npublic func f() {}",
    "/// Of another.\npublic let a = 1\npublic let b = 2",
    "@inlinable public mutating func f() {}",
    "public final class A {}",
    "static public var a: Int { 1 }",
    "public private(set) var a = 1",
    "public class func f() {}",
    "nonisolated(unsafe) public var a = 1",
    "public init() {}",
  ])
  func seesWhatIsPlanted(text: String) {
    #expect(Documentation.findings(in: SourceFile(path: "Planted.swift", text: text)).count == 1)
  }

  @Test(arguments: [
    "/// A thing.\npublic struct A {}",
    "/// A thing.\n@inlinable\n@Sendable\npublic func f() {}",
    "internal struct A {}",
    "public import AnabranchCore",
    "public extension A {}",
    "let text = \"\"\"\n  public struct A {}\n  \"\"\"",
  ])
  func leavesAlone(text: String) {
    #expect(Documentation.findings(in: SourceFile(path: "Fine.swift", text: text)) == [])
  }
}
