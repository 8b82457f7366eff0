import Anabranch
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

  /// Makes a replica called as its home, and pairs it with the first one that there is.
  @discardableResult
  func replica(_ home: String = "laptop") async throws -> String {
    let others = ["laptop", "phone"].filter { $0 != home && Home(path($0)).exists }
    let log = try await json("init", "--name", home, home: home)["replica"].text
    if let other = others.first { try await pair(home, with: other) }
    return log
  }

  /// Lets a replica into the space of another one.
  func pair(_ home: String, with other: String = "laptop") async throws {
    let (newcomer, inviter) = (
      try await Replica.open(at: Home(path(home))), try? await Replica.open(at: Home(path(other)))
    )
    guard let inviter, let space = try await inviter.space() else {
      try await newcomer.close()
      return try await pairByCode(home, with: other)
    }
    try await inviter.enrol(newcomer.device(), as: .owner)
    try await newcomer.join(space, invitedBy: inviter.device(), as: .owner)
    let server = try await inviter.serve(on: "127.0.0.1:0")
    try await newcomer.sync(with: server.address)
    await server.stop()
    for replica in [newcomer, inviter] { try await replica.close() }
  }

  /// The same as people do it, also where a daemon runs.
  private func pairByCode(_ home: String, with other: String) async throws {
    let script = """
      rm -f "$folder/pairing"
      $anabranch --home "$folder/\(other)" pair --yes --json --listen 127.0.0.1:0 > "$folder/pairing" & pair=$!
      until [ -s "$folder/pairing" ]; do sleep 0.02; done
      $anabranch --home "$folder/\(home)" join --yes \
        "$(sed -n 's/.*"code":"\\([^"]*\\)".*/\\1/p' "$folder/pairing" | head -1)" || exit 1
      wait $pair
      """
    let result = try await shell(script)
    #expect(result.status == 0, "\(result)")
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
