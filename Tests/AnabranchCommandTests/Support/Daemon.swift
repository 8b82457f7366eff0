import Foundation
import Testing

/// A running `anabranch serve --json`.
final class Daemon: @unchecked Sendable {
  private let process = Process()
  private let output = Drain()
  private let errors = Drain()
  private let watchdog = Pipe()

  /// Starts one on a home, listening on a port that the system chooses, and waits for its first line.
  init(
    _ place: Workplace, home: String = "laptop", peers: [String] = [], arguments: [String] = [],
    with more: [String: String] = [:]
  ) async throws {
    process.executableURL = URL(filePath: Command.path)
    process.arguments =
      ["serve", "--listen", "127.0.0.1:0", "--json"] + peers.flatMap { ["--peer", $0] }
      + arguments
    process.environment = place.environment(home: home).merging(more) { $1 }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output.pipe
    process.standardError = errors.pipe
    try process.run()
    try guardAgainstLeftovers()
    try await place.wait(for: "the daemon to listen") { !events.isEmpty || !process.isRunning }
    #expect(process.isRunning, "\(errors.textSoFar)")
  }

  deinit {
    if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    try? watchdog.fileHandleForWriting.write(contentsOf: Data("done\n".utf8))
  }

  /// Has the daemon killed when this process ends in whatever way, a crash or a kill included: then the pipe closes
  /// without a word.
  private func guardAgainstLeftovers() throws {
    let guardian = Process()
    guardian.executableURL = URL(filePath: "/bin/sh")
    guardian.arguments = ["-c", "read -r word || kill -9 \(process.processIdentifier) 2>/dev/null"]
    guardian.standardInput = watchdog
    guardian.standardOutput = FileHandle.nullDevice
    guardian.standardError = FileHandle.nullDevice
    try guardian.run()
  }

  var identifier: Int32 { process.processIdentifier }

  /// The lines it wrote so far.
  var lines: [Substring] {
    output.textSoFar.split(separator: "\n")
  }

  /// The events it told of so far.
  var events: [JSON] {
    lines.compactMap { line in
      (try? JSONSerialization.jsonObject(with: Data(line.utf8))).map { JSON(value: $0) }
    }
  }

  /// Where it listens.
  var address: String {
    events.first?["address"].text ?? ""
  }

  /// Sends it a signal.
  func signal(_ number: Int32) {
    kill(process.processIdentifier, number)
  }

  /// Sends it a signal and waits for its end; the status is 128 and the signal's number where that ended it.
  @discardableResult
  func end(by number: Int32 = SIGTERM) async throws -> Command.Result {
    signal(number)
    let text = await output.text()
    while process.isRunning { try await Task.sleep(for: .milliseconds(5)) }
    let isSignal = process.terminationReason == .uncaughtSignal
    return Command.Result(
      status: process.terminationStatus + (isSignal ? 128 : 0), output: text, errors: await errors.text())
  }
}
