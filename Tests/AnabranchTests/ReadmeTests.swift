import Anabranch
import Foundation
import Testing

@Suite struct ReadmeTests {
  private static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  @Test func theLinesOfTheReadmeAreTheOnesThatAreCompiled() throws {
    let readme = try String(contentsOf: Self.root.appendingPathComponent("README.md"), encoding: .utf8)
    let source = try String(
      contentsOf: Self.root.appendingPathComponent("Tests/AnabranchTests/ReadmeExample.swift"), encoding: .utf8)
    let section = try #require(readme.components(separatedBy: "<!-- library-example -->").dropFirst().first)
    let block = try #require(section.components(separatedBy: "```").dropFirst().first)
    let shown = block.split(separator: "\n").map(String.init).filter { $0 != "swift" && $0 != "import Anabranch" }
    let compiled = try #require(source.components(separatedBy: "    // README\n").dropFirst().first)
      .split(separator: "\n").map { $0.hasPrefix("    ") ? String($0.dropFirst(4)) : String($0) }
    #expect(shown == compiled)
    #expect(shown.count == 14)
  }

  @Test func everyCodeOfAFailureStandsInTheReadme() throws {
    let readme = try String(contentsOf: Self.root.appendingPathComponent("README.md"), encoding: .utf8)
    let source = try String(
      contentsOf: Self.root.appendingPathComponent("Sources/Anabranch/AnabranchError.swift"), encoding: .utf8)
    let codes = source.matches(of: /Self\(rawValue: "([a-z-]+)"\)/).map(\.1)
    #expect(codes.count > 10)
    for code in codes { #expect(readme.contains("`\(code)`"), "\(code)") }
  }

  @Test(.timeLimit(.minutes(5))) func theLinesRun() async throws {
    let folder = FileManager.default.temporaryDirectory.path + "/anabranch-readme-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    // The last line watches for ever, so it is cancelled once the history has arrived.
    let example = Task { try await ReadmeExample.run(in: folder) }
    var texts: [String] = []
    while texts.count < 2 {
      try await Task.sleep(for: .milliseconds(50))
      guard let laptop = try? await Replica.read(at: Home(folder + "/laptop")) else { continue }
      if let trip = try await laptop.conversations().first {
        texts = try await laptop.messages(of: trip.id).map(\.text)
      }
      try await laptop.close()
    }
    example.cancel()
    _ = await example.result
    #expect(texts == ["Where should we stay?", "Alfama. Mind the stairs."])
  }
}
