import AnabranchCore
import AnabranchWire
import Foundation
import Testing

@Suite("docs/format.md")
struct FormatDocumentTests {
  private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  private static func lines(of path: String) throws -> [Substring] {
    try String(contentsOf: root.appending(path: path), encoding: .utf8).split(
      separator: "\n", omittingEmptySubsequences: false)
  }

  /// The parts of `| a | b | c |`, bare of blanks and code marks.
  private static func cells(_ line: Substring) -> [String] {
    line.split(separator: "|", omittingEmptySubsequences: false).dropFirst().dropLast().map {
      $0.trimmingCharacters(in: CharacterSet(charactersIn: " `"))
    }
  }

  @Test("Its test vectors are what the code makes of their inputs")
  func vectors() throws {
    var isInside = false
    var written: [String: String] = [:]
    for line in try Self.lines(of: "docs/format.md") {
      if line.hasPrefix("```") { isInside = line == "```vectors" }
      let parts = line.split(separator: "=", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
      guard isInside, parts.count == 2 else { continue }
      #expect(written.updateValue(parts[1], forKey: parts[0]) == nil, "\(parts[0]) stands there twice")
    }
    let computed = FormatVectors().values
    for (name, value) in computed.sorted(by: { $0.key < $1.key }) {
      #expect(written[name] == value, "expected the line: \(name) = \(value)")
    }
    #expect(Set(written.keys).subtracting(computed.keys).isEmpty)
  }

  @Test("Its limits are the code's, and none is left out")
  func limits() throws {
    let computed: [String: Int] = [
      "frameBytesMax": Limits.frameBytesMax, "contentBytesMax": Limits.contentBytesMax,
      "changeBytesMax": Limits.changeBytesMax, "operationsMax": Limits.operationsMax,
      "identifiersMax": Int(Limits.identifiersMax), "logsMax": Limits.logsMax,
      "referencesMax": Limits.referencesMax, "blockBytes": Limits.blockBytes,
      "blobBytesMax": Int(Limits.blobBytesMax), "blobsMax": Limits.blobsMax, "nameBytesMax": Limits.nameBytesMax,
      "reasonBytesMax": Limits.reasonBytesMax, "millisecondsMax": Int(Limits.millisecondsMax),
      "wordsBytesMax": Limits.wordsBytesMax,
      "OpenChange.bytesMax": OpenChange.bytesMax, "OpenChange.restMsMax": Int(OpenChange.restMsMax),
      "OpenChange.ageMsMax": Int(OpenChange.ageMsMax),
      "HybridClock.driftMsMax": Int(HybridClock.driftMsMax), "ObjectID.indexMax": Int(ObjectID.indexMax),
    ]
    let document = try Self.lines(of: "docs/format.md")
    let start = try #require(document.firstIndex(of: "## Limits"))
    let section = document[(start + 1)...].prefix { !$0.hasPrefix("## ") }
    var written: [String: Int] = [:]
    for line in section where line.hasPrefix("| `") {
      let cells = Self.cells(line)
      written[cells[0]] = Int(cells[1].replacingOccurrences(of: ",", with: ""))
    }
    #expect(written == computed)

    let declared = try Self.lines(of: "Sources/AnabranchWire/Limits.swift").compactMap { line in
      line.split(separator: "public static let ", omittingEmptySubsequences: false).dropFirst().first.map {
        String($0.prefix { $0.isLetter })
      }
    }
    #expect(!declared.isEmpty && Set(declared).isSubset(of: written.keys))
  }

  @Test("Every domain of a hash and every kind of operation stands in a table")
  func numbers() throws {
    let document = try Self.lines(of: "docs/format.md")
    func numbers(_ heading: Substring) throws -> [Int] {
      let start = try #require(document.firstIndex(of: heading))
      let table = document[(start + 1)...].drop { !$0.hasPrefix("|") }.prefix { $0.hasPrefix("|") }
      return table.compactMap { Self.cells($0).first.flatMap { Int($0) } }
    }
    let domains = try numbers("## Hashes")
    #expect(domains == (0...255).filter { Hashing.Domain(rawValue: UInt8($0)) != nil })
    #expect(try numbers("### Kinds") == Array(1...23))
  }

  @Test("The files it names as writers and readers exist")
  func files() throws {
    let text = try Self.lines(of: "docs/format.md").joined(separator: "\n")
    let links = text.matches(of: /\]\(\.\.\/([A-Za-z\/+\.]+)\)/).map { String($0.output.1) }
    #expect(links.count > 10)
    for link in links {
      #expect(FileManager.default.fileExists(atPath: Self.root.appending(path: link).path), "\(link)")
    }
  }
}
