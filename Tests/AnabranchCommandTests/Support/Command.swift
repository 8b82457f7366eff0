import Foundation
import Synchronization
import Testing

/// The program, run as a person or a script runs it.
enum Command {
  /// The program that was built together with these tests.
  static let path = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: ".build/debug/anabranch").path(percentEncoded: false)

  /// What came of a run.
  struct Result: Sendable {
    /// The exit status; 128 and the signal's number where a signal ended it.
    var status: Int32
    /// What it wrote to standard output.
    var output: String
    /// What it wrote to standard error.
    var errors: String
  }

  /// Longer than any run takes on a busy machine. Then it is killed, and the status is that of SIGKILL.
  static let timeout: TimeInterval = 100

  /// Runs the program with those arguments. Without `stdin`, it reads from nothing.
  @discardableResult
  static func run(
    _ arguments: [String], stdin: [UInt8]? = nil, environment: [String: String]
  ) async throws -> Result {
    try await run(path, arguments, stdin: stdin, environment: environment)
  }

  /// Runs a program with those arguments; its output and errors are read while it runs, to their ends.
  @discardableResult
  static func run(
    _ program: String, _ arguments: [String], stdin: [UInt8]? = nil, environment: [String: String]
  ) async throws -> Result {
    let process = Process()
    process.executableURL = URL(filePath: program)
    process.arguments = arguments
    process.environment = environment
    let (output, errors) = (Drain(), Drain())
    process.standardOutput = output.pipe
    process.standardError = errors.pipe
    if let stdin { process.standardInput = feed(stdin) } else { process.standardInput = FileHandle.nullDevice }
    let status = try await ended(process) { process in
      let number = process.processIdentifier
      let killer = DispatchWorkItem { kill(number, SIGKILL) }
      DispatchQueue.global().asyncAfter(deadline: .now() + timeout, execute: killer)
      return killer
    }
    return Result(status: status, output: await output.text(), errors: await errors.text())
  }

  /// Starts `process`, calls `started`, and waits for the end; then what `started` returned is cancelled.
  private static func ended(
    _ process: Process, _ started: (Process) -> DispatchWorkItem
  ) async throws -> Int32 {
    // A program that does not read all of its input must not end the tests.
    signal(SIGPIPE, SIG_IGN)
    let (ends, end) = AsyncStream.makeStream(of: Int32.self)
    process.terminationHandler = { process in
      end.yield(process.terminationStatus + (process.terminationReason == .uncaughtSignal ? 128 : 0))
      end.finish()
    }
    try process.run()
    let killer = started(process)
    var status: Int32 = -1
    for await ended in ends { status = ended }
    killer.cancel()
    return status
  }

  private static func feed(_ bytes: [UInt8]) -> Pipe {
    let pipe = Pipe()
    let handle = pipe.fileHandleForWriting
    Thread.detachNewThread {
      try? handle.write(contentsOf: Data(bytes))
      try? handle.close()
    }
    return pipe
  }
}

/// A pipe that is read to its end on a thread of its own.
final class Drain: Sendable {
  let pipe = Pipe()
  private let bytes = Mutex(Data())
  private let ends: AsyncStream<Void>

  init() {
    let (ends, end) = AsyncStream.makeStream(of: Void.self)
    self.ends = ends
    let handle = pipe.fileHandleForReading
    Thread.detachNewThread {
      // Not by `availableData`, which traps where a signal interrupts it.
      var piece = [UInt8](repeating: 0, count: 65_536)
      while true {
        let count = read(handle.fileDescriptor, &piece, piece.count)
        if count > 0 { self.bytes.withLock { $0.append(contentsOf: piece[..<count]) } }
        guard count > 0 || (count < 0 && errno == EINTR) else { break }
      }
      // The thread outlives its work, and with it whatever it holds. Where more than a thousand files are open,
      // Foundation's `Process` reads beyond what it allocated.
      try? handle.close()
      end.finish()
    }
  }

  /// What came so far.
  var textSoFar: String {
    bytes.withLock { String(decoding: $0, as: UTF8.self) }
  }

  /// All of it, once the other side has ended.
  func text() async -> String {
    for await _ in ends {}
    return textSoFar
  }
}
