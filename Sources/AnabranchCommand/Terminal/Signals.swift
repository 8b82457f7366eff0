internal import ArgumentParser
internal import Dispatch
internal import Foundation
internal import Synchronization

/// What the system may tell the program.
enum Signals {
  /// Makes the program's surroundings safe to write in.
  ///
  /// A reader that went away is no reason to die: writing then fails, and ``Output`` says so. And where a standard
  /// stream is closed, no file that is opened later may take its place and get what is meant for it.
  static func prepare() {
    signal(SIGPIPE, SIG_IGN)
    for stream in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] where fcntl(stream, F_GETFD) == -1 {
      // The other way round than it is used, so that using it fails as it would have failed.
      _ = open("/dev/null", stream == STDIN_FILENO ? O_WRONLY : O_RDONLY)
    }
  }

  /// Runs `operation` as a task that SIGINT and SIGTERM cancel.
  ///
  /// A second signal ends the program at once. With `isService`, SIGTERM is how it is meant to end, and no failure.
  static func cancelling<Result: Sendable>(
    isService: Bool = false, _ operation: @escaping @Sendable () async throws -> Result
  ) async throws -> Result {
    let task = Task { try await operation() }
    let first = Mutex<Int32?>(nil)
    let sources = [SIGINT, SIGTERM].map { number in
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler {
        let isFirst = first.withLock { first in
          defer { first = first ?? number }
          return first == nil
        }
        if !isFirst { Foundation.exit(ExitStatus.interrupted) }
        task.cancel()
      }
      source.resume()
      return source
    }
    defer { for source in sources { source.cancel() } }
    do {
      return try await task.value
    } catch is CancellationError where isService && first.withLock({ $0 }) == SIGTERM {
      throw ExitCode(ExitStatus.done)
    }
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
