import Foundation
import SimulationKit
import Testing

/// The program, run as a person or a script runs it.
@Suite("simulate")
struct SimulateTests {
  private static let root = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
  private static let small = "hosts=2 actions=12 minutes=3 crashes=1"

  private struct Result {
    var status: Int32
    var output: String
    var errors: String

    /// The output as one line of JSON.
    func json() throws -> [String: Any] {
      #expect(output.filter { $0 == "\n" }.count == 1)
      return try #require(try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any])
    }
  }

  private func simulate(_ arguments: String...) throws -> Result {
    try simulate(arguments)
  }

  private func simulate(_ arguments: [String]) throws -> Result {
    let (process, output, errors) = (Process(), Pipe(), Pipe())
    process.executableURL = Self.root.appending(path: ".build/debug/simulate")
    process.arguments = arguments
    (process.standardOutput, process.standardError) = (output, errors)
    try process.run()
    // What it says of errors fits into a pipe.
    let said = output.fileHandleForReading.readDataToEndOfFile()
    let complained = errors.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return Result(
      status: process.terminationStatus, output: String(decoding: said, as: UTF8.self),
      errors: String(decoding: complained, as: UTF8.self))
  }

  @Test("A run prints its case and one line an event, or one line of JSON; equal in every process")
  func run() throws {
    let traced = try simulate("run", "--seed", "7", "--options", Self.small, "--trace")
    #expect(traced.status == 0 && traced.output.contains("✓ every property held"))
    #expect(traced.output.hasPrefix("seed = 7\noptions = actions=12 minutes=3 crashes=1\n"))
    #expect(traced.output.contains("  host 0 starts, life 1\n") && traced.output.contains("◆"))
    let (first, second) = (
      try simulate("run", "--seed", "7", "--options", Self.small, "--json"),
      try simulate("run", "--seed", "7", "--options", Self.small, "--json")
    )
    #expect(first.status == 0 && first.output == second.output)
    let report = try first.json()
    let hash = try #require(report["traceHash"] as? String)
    #expect(report["seed"] as? Int == 7 && report["ok"] as? Bool == true && hash.count == 16)
    #expect(traced.output.contains("trace = \(hash)"))
  }

  @Test("A campaign adds its runs up, whoever runs them")
  func campaign() throws {
    let one = try simulate("campaign", "--seeds", "50..<52", "--json", "--twice")
    let two = try simulate("campaign", "--seeds", "50..<52", "--json", "--jobs", "2")
    #expect(one.status == 0 && two.status == 0, "\(one) \(two)")
    let (report, other) = (try one.json(), try two.json())
    #expect(report["seeds"] as? Int == 2 && (report["failures"] as? [Int])?.isEmpty == true)
    #expect((report["differing"] as? [Int])?.isEmpty == true)
    #expect((report["virtualHours"] as? Double ?? 0) > 0 && report["marksMissed"] as? [String] != nil)
    #expect(report["traceHash"] as? String == other["traceHash"] as? String)
  }

  @Test("A bundle replays, also of the command's own making, and says what came of it")
  func bundles() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "anabranch-bundles-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.path(percentEncoded: false)
    // A run that holds leaves none.
    let run = try simulate("run", "--seed", "3", "--options", Self.small, "--bundle", path, "--json")
    #expect(run.status == 0)
    #expect(try FileManager.default.contentsOfDirectory(atPath: path).isEmpty)
    let options = try #require(Options(parsing: Self.small))
    let outcome = Simulation(Case(seed: 3, options: options)).run(bundling: .always)
    let file = folder.appending(path: "one.bundle")
    try Data(try #require(outcome.bundles.first).bytes).write(to: file)
    let report = try simulate("replay", file.path(percentEncoded: false), "--orders", "1", "--json")
    #expect(report.status == 0)
    let said = try report.json()
    #expect(said["ok"] as? Bool == true && said["oracle"] as? Bool == true && said["shown"] as? Bool == true)
    #expect((said["changes"] as? Int ?? 0) > 0 && (said["failures"] as? [Any])?.isEmpty == true)
    let told = try simulate("replay", file.path(percentEncoded: false))
    // The run that it is from follows.
    #expect(told.status == 0 && told.output.contains("seed = 3") && told.output.contains("every property held"))
    try Data("ANBRBUN\u{1}rubbish".utf8).write(to: file)
    let refused = try simulate("replay", file.path(percentEncoded: false))
    #expect(refused.status == 64 && refused.errors.contains("is no bundle"))
  }

  @Test(
    "What it cannot run is said, with what was expected",
    arguments: [
      (["replay", "/nowhere/at.all"], "cannot read /nowhere/at.all"), (["campaign", "--seeds", "9"], "A..<B"),
      (["campaign", "--seeds", "5..<5"], "A..<B"), (["campaign", "--seeds", "0..<2", "--jobs", "0"], "--jobs"),
      (["run", "--seed", "1", "--stress", "--long"], "one of --stress, --long and --forks"),
      (["replay", "/nowhere", "--orders", "9999"], "--orders"),
      (["run", "--seed", "1", "--options", "wings=2"], "the names are hosts, actions"),
      (["scenario", "none-such"], "two-phones-on-a-plane"),
    ])
  func refusals(arguments: [String], expected: String) throws {
    let result = try simulate(arguments)
    #expect(result.status == 64 && result.errors.contains(expected), "\(result.errors)")
  }
}
