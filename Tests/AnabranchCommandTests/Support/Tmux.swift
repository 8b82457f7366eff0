import Foundation
import Synchronization
import Testing

/// A terminal emulator of its own, in which a shell runs.
final class Tmux: Sendable {
  /// Whether there is one on this machine.
  static let isThere = ["/usr/bin", "/usr/local/bin", "/opt/homebrew/bin"].contains {
    FileManager.default.isExecutableFile(atPath: $0 + "/tmux")
  }

  private let place: Workplace
  private let socket: String
  /// Its process.
  private let server = Mutex<Int32?>(nil)

  /// Starts one with a shell that says `$ ` and knows `$anabranch`, and waits for it.
  init(_ place: Workplace, columns: Int = 80, rows: Int = 24) async throws {
    self.place = place
    socket = place.path("tmux")
    // The server goes on: were it to keep what Foundation tells the end of a process by, that would never come.
    let script = """
      for file in /dev/fd/*; do number=${file##*/}; [ "$number" -gt 2 ] && eval "exec $number>&-"; done 2>/dev/null
      exec tmux -u -f /dev/null -S "$0" new-session -d -x \(columns) -y \(rows) "env PS1='$ ' bash --norc --noprofile"
      """
    let started = try await Command.run("/bin/bash", ["-c", script, socket], environment: environment)
    #expect(started.status == 0, "\(started.errors)")
    let pid = try await Int32(tell("display", "-p", "#{pid}").trimmingCharacters(in: .whitespacesAndNewlines))
    server.withLock { $0 = pid }
    try await shows("$")
  }

  deinit {
    if let pid = server.withLock({ $0 }) { kill(pid, SIGKILL) }
  }

  private var environment: [String: String] {
    place.environment().merging(["LC_ALL": "C.UTF-8", "anabranch": Command.path]) { $1 }
  }

  /// Has it do something, and returns what it says.
  @discardableResult
  func tell(_ arguments: String...) async throws -> String {
    let result = try await Command.run(
      "/usr/bin/env", ["tmux", "-u", "-f", "/dev/null", "-S", socket] + arguments, environment: environment)
    #expect(result.status == 0, "\(arguments): \(result.errors)")
    return result.output
  }

  /// Presses keys, by their names.
  func press(_ keys: String...) async throws {
    for key in keys { try await tell("send-keys", key) }
  }

  /// Types a line.
  func type(_ line: String) async throws {
    try await tell("send-keys", "-l", line)
    try await tell("send-keys", "Enter")
  }

  /// What it shows.
  func screen() async throws -> String {
    try await tell("capture-pane", "-p")
  }

  /// Waits until it shows something.
  @discardableResult
  func shows(_ text: String, at location: SourceLocation = #_sourceLocation) async throws -> String {
    var screen = ""
    do {
      try await place.wait(for: "“\(text)”", at: location) {
        screen = try await self.screen()
        return screen.contains(text)
      }
    } catch {
      Issue.record("it shows: \(screen)", sourceLocation: location)
      throw error
    }
    return screen
  }

  /// Whether the other page is up, whether the cursor is seen, and whether long lines are wrapped.
  func state() async throws -> [String] {
    try await tell("display", "-p", "#{alternate_on} #{cursor_flag} #{wrap_flag}").split(whereSeparator: \.isWhitespace)
      .map(String.init)
  }
}
