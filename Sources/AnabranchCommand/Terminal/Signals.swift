internal import Dispatch
internal import Foundation

/// What the system may tell the program.
enum Signals {
  /// A reader that went away is no reason to say anything: writing then fails, and ``Output`` ends the program.
  static func prepare() {
    signal(SIGPIPE, SIG_IGN)
  }

  /// Runs `operation` as a task that SIGINT and SIGTERM cancel.
  ///
  /// A second signal ends the program at once.
  static func cancelling<Result: Sendable>(
    _ operation: @escaping @Sendable () async throws -> Result
  ) async throws -> Result {
    let task = Task { try await operation() }
    let sources = [SIGINT, SIGTERM].map { number in
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler {
        if task.isCancelled { Foundation.exit(ExitStatus.interrupted) }
        task.cancel()
      }
      source.resume()
      return source
    }
    defer { for source in sources { source.cancel() } }
    return try await task.value
  }
}

/// The statuses the program ends with.
enum ExitStatus {
  /// Done, also where nothing was found.
  static let done: Int32 = 0
  /// It failed.
  static let failed: Int32 = 1
  /// Something was skipped.
  static let skipped: Int32 = 2
  /// Wrong arguments.
  static let usage: Int32 = 64
  /// Ctrl-C.
  static let interrupted: Int32 = 130
}
