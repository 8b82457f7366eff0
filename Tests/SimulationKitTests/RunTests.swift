import Foundation
import Scenarios
import SimulationKit
import Testing

/// Runs share SQLite's file system, so one after the other.
@Suite("Runs", .serialized)
struct RunTests {
  private static let small = "hosts=3 actions=60 minutes=10 crashes=4 powerCuts=3 resets=4 busyPpm=900"

  @Test("The same case runs in the same way, byte for byte", arguments: UInt64(1)...3)
  func determinism(seed: UInt64) throws {
    let options = try #require(Options(parsing: Self.small))
    let run = Case(seed: seed, options: options)
    let (first, second) = (Simulation(run).run(), Simulation(run, isTraced: true).run())
    #expect(first.traceHash == second.traceHash && first.events == second.events)
    #expect(first.violation == nil, "\(String(describing: first.violation))")
    #expect(first.changes > 10)
    let other = Simulation(Case(seed: seed + 1_000, options: options)).run()
    #expect(other.traceHash != first.traceHash)
  }

  @Test("What the swarm draws holds every property", arguments: UInt64(5_000)..<5_006)
  func swarm(seed: UInt64) {
    let outcome = Simulation(Case(seed: seed)).run()
    #expect(outcome.violation == nil, "seed \(seed), \(outcome.run.options): \(String(describing: outcome.violation))")
  }

  @Test("What once found a bug finds it no more", arguments: try Self.files())
  func seeds(file: String) throws {
    let run = try Case(parsing: String(contentsOfFile: file, encoding: .utf8))
    #expect(run.script != nil, "a case that is kept says word for word what happens in it")
    let outcome = Simulation(run).run()
    #expect(outcome.changes > 0, "something was written, or nothing was at stake")
    #expect(outcome.violation == nil, "\(file): \(String(describing: outcome.violation))")
  }

  private static func files() throws -> [String] {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "seeds").path(percentEncoded: false)
    return try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".seed") }.sorted()
      .map { folder + "/" + $0 }
  }

  @Test("There is a file for each bug that was found")
  func seedsAreThere() throws {
    #expect(try Self.files().count >= 2)
  }

  @Test("The stories end well, and the same way each time", arguments: Scenarios.all.map(\.name))
  func scenarios(name: String) throws {
    let scenario = try #require(Scenarios.all.first { $0.name == name })
    let (first, second) = (scenario.play(seed: 7), scenario.play(seed: 7))
    #expect(first.failure == nil)
    #expect(first.hash == second.hash && first.lines == second.lines)
  }

  @Test("The story of the documentation ends well, and is what the documentation shows")
  func documentation() throws {
    #expect(documentedStory.play().failure == nil)
    let folder = URL(filePath: #filePath).deletingLastPathComponent()
    let source = try String(contentsOf: folder.appending(path: "DocumentedStory.swift"), encoding: .utf8)
    let page = folder.deletingLastPathComponent().deletingLastPathComponent().appending(path: "docs/simulation.md")
    #expect(try String(contentsOf: page, encoding: .utf8).contains("```swift\n\(source)```"))
  }

  @Test("Machines whose network is gone hear from nobody, and are back whatever else was gone")
  func networks() throws {
    let stage = try Stage(["a", "b", "c"])
    stage.disconnect("a", "b")
    stage.disconnect("b", "c")
    let talk = try stage["a"].start("Talk")
    try stage.pass(.minutes(10))
    try stage.expect(stage["b"].conversations == 0 && stage["c"].conversations == 0, "nobody heard of it")
    stage.reconnect("a", "b")
    stage.reconnect("a")
    try stage.pass(.minutes(5))
    try stage.expect(stage["b"].title(of: talk) == "Talk", "b has it")
    try stage.expect(stage["c"].conversations == 0, "c is still away")
    stage.reconnect("c")
    try stage.settle()
    #expect(try stage["c"].title(of: talk) == "Talk")
  }

  @Test("A claim that is not true fails its story")
  func falseClaim() {
    let story = Scenario("wrong", "Somebody expects what is not so.", devices: ["a", "b"]) { stage in
      let id = try stage["a"].start("One")
      try stage.settle()
      try stage.expect(stage["b"].title(of: id) == "Two", "it is called Two")
    }
    #expect(story.play().failure?.contains("it is called Two") == true)
  }
}
