import Foundation
import Testing

/// A folder with homes and a runtime folder of its own, removed at the end.
final class Workplace: Sendable {
  let folder: String

  init() throws {
    folder = "/tmp/anabranch-test-" + UUID().uuidString.prefix(8)
    for name in ["", "/run", "/tmp", "/user"] {
      try FileManager.default.createDirectory(
        atPath: folder + name, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    }
  }

  deinit {
    try? FileManager.default.removeItem(atPath: folder)
  }

  /// The path of a home, or of anything else in the folder.
  func path(_ name: String) -> String {
    folder + "/" + name
  }

  /// The surroundings of a run whose home is `home`; nothing of the tests' own is passed on but the search path.
  func environment(home: String? = "laptop") -> [String: String] {
    var environment = [
      "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin",
      "HOME": path("user"), "XDG_RUNTIME_DIR": path("run"), "TMPDIR": path("tmp"), "COLUMNS": "80",
    ]
    if let home { environment["ANABRANCH_HOME"] = path(home) }
    return environment
  }

  /// Runs the program on a home.
  func run(
    _ arguments: String..., home: String? = "laptop", stdin: String? = nil, with more: [String: String] = [:]
  ) async throws -> Command.Result {
    let environment = environment(home: home).merging(more) { $1 }
    return try await Command.run(arguments, stdin: stdin.map { Array($0.utf8) }, environment: environment)
  }

  /// Runs the program with `--json` and returns what it says. It has to succeed, with one line.
  @discardableResult
  func json(
    _ arguments: String..., home: String = "laptop", stdin: String? = nil,
    at location: SourceLocation = #_sourceLocation
  ) async throws -> JSON {
    let result = try await Command.run(
      arguments.prefix { $0 != "--" } + ["--json"] + arguments.drop { $0 != "--" },
      stdin: stdin.map { Array($0.utf8) }, environment: environment(home: home))
    #expect(result.status == 0, "\(result.errors)", sourceLocation: location)
    return try result.json(at: location)
  }

  /// Runs a script of the shell, in which `$anabranch` is the program, on a home.
  func shell(
    _ script: String, home: String? = "laptop", with more: [String: String] = [:]
  ) async throws -> Command.Result {
    let environment = environment(home: home).merging(more) { $1 }
      .merging(["anabranch": Command.path, "folder": folder]) { $1 }
    return try await Command.run("/bin/bash", ["-c", script], environment: environment)
  }

  /// Makes a replica called as its home.
  @discardableResult
  func replica(_ home: String = "laptop") async throws -> String {
    try await json("init", "--name", home, home: home)["replica"].text
  }

  /// Writes a file into the folder and returns its path.
  func write(_ text: String, to name: String) throws -> String {
    try Data(text.utf8).write(to: URL(filePath: path(name)))
    return path(name)
  }

  /// Every file below a home, and what is in it.
  func contents(of home: String) throws -> [String: Data] {
    var contents: [String: Data] = [:]
    for name in try FileManager.default.subpathsOfDirectory(atPath: path(home)) {
      contents[name] = FileManager.default.contents(atPath: path(home) + "/" + name) ?? Data()
    }
    return contents
  }

  /// Waits until `condition` holds; fails where it does not within a generous while.
  func wait(
    for what: String, at location: SourceLocation = #_sourceLocation, until condition: () async throws -> Bool
  ) async throws {
    let start = ContinuousClock.now
    while try await !condition() {
      guard start.duration(to: .now) < .seconds(60) else {
        Issue.record("waited in vain for \(what)", sourceLocation: location)
        throw CancellationError()
      }
      try await Task.sleep(for: .milliseconds(20))
    }
  }
}
