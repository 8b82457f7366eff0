import Testing

@Suite struct ArrowsTests {
  @Test func everyFolderOfSourcesHasItsArrows() {
    let unknown = Set(SourceTree.sources.map(\.target)).subtracting(Arrows.table.keys)
    #expect(unknown.isEmpty, "not in the table of Arrows.swift: \(unknown.sorted())")
  }

  @Test func importsFollowTheArrows() {
    #expect(!SourceTree.sources.isEmpty)
    let findings = SourceTree.sources.flatMap { Arrows.findings(in: $0, of: $0.target) }
    #expect(findings.isEmpty, "\(findings.report)")
  }

  @Test func theManifestFollowsTheArrows() throws {
    let manifest = try #require(SourceTree.texts.first { $0.path == "Package.swift" }).text
    #expect(Arrows.declaredDependencies(of: "AnabranchWire", in: manifest).contains("AnabranchCore"))
    let findings = Arrows.findings(inManifest: manifest)
    #expect(findings.isEmpty, "\(findings.report)")
  }

  @Test func theArrowsHaveNoCycle() {
    var settled: Set<String> = []
    while let next = Arrows.table.keys.sorted().first(where: { target in
      !settled.contains(target) && Arrows.table[target, default: []].isSubset(of: settled)
    }) {
      settled.insert(next)
    }
    #expect(settled == Set(Arrows.table.keys))
  }

  @Test func storeAndTransportNeverMeet() {
    #expect(!Arrows.allow("AnabranchStore", toImport: "AnabranchTransport"))
    #expect(!Arrows.allow("AnabranchTransport", toImport: "AnabranchStore"))
  }

  @Test(arguments: [
    ("AnabranchCore", "internal import AnabranchWire"),
    ("AnabranchTransport", "internal import AnabranchStore"),
    ("AnabranchStore", "@preconcurrency public import struct AnabranchTransport.Listener"),
    ("AnabranchExchange", "internal import AnabranchStore"),
    ("AnabranchSync", "package import GRDB"),
    ("AnabranchCommand", "internal import CLibZip"),
    ("AnabranchCore", "import HeapModule"),
    ("AnabranchStore", "@preconcurrency import GRDB"),
    ("AnabranchCore", "#if os(Linux)\n  import Glibc\n#endif"),
  ])
  func seesWhatIsPlanted(target: String, text: String) {
    #expect(Arrows.findings(in: SourceFile(path: "Planted.swift", text: text), of: target).count == 1)
  }

  @Test(arguments: [
    ("AnabranchWire", "public import AnabranchCore\ninternal import Crypto"),
    ("AnabranchStore", "@preconcurrency internal import GRDB"),
    ("AnabranchCore", "// import AnabranchWire"),
    ("AnabranchCommand", "@Flag var import: Bool\nlet text = \"\"\"\n  import GRDB\n  \"\"\""),
  ])
  func leavesAlone(target: String, text: String) {
    #expect(Arrows.findings(in: SourceFile(path: "Fine.swift", text: text), of: target) == [])
  }

  @Test(arguments: [
    #"library("AnabranchCore", ["AnabranchWire"])"#,
    #"library("AnabranchSync", [.product(name: "GRDB", package: "GRDB.swift")])"#,
    #".executableTarget(name: "AnabranchCommand", dependencies: ["Anabranch", "AnabranchStore"])"#,
  ])
  func seesWhatIsPlantedInTheManifest(manifest: String) {
    #expect(Arrows.findings(inManifest: manifest).count == 1)
  }
}
