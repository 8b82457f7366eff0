internal import Anabranch
internal import Dispatch
internal import Foundation
internal import Synchronization

/// Asks a person for a passphrase, on their terminal and not on standard input, which may have something else to say. What is
/// typed does not show.
enum PassphrasePrompt {
  /// How long a task that is cancelled may go on waiting.
  private static let patienceMs: Int32 = 50

  /// Whether there is somebody to ask.
  static var isPossible: Bool {
    isatty(STDIN_FILENO) == 1 || isatty(STDERR_FILENO) == 1
  }

  /// A new passphrase, typed twice.
  static func askTwice() async throws -> Passphrase {
    let first = try await ask("New passphrase of this device's key: ")
    guard try await ask("The same again: ") == first else {
      throw AnabranchError(.invalid, "these were two different passphrases; nothing was changed", remedy: "try again")
    }
    return first
  }

  /// Whether the program was told to end while it asked.
  private static let isTold = Atomic(false)

  /// What a person types up to the end of the line. Throws where they break it off, the task is cancelled, or the program is
  /// told to end: the terminal shows again what is typed then.
  static func ask(_ question: String) async throws -> Passphrase {
    let terminal = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)
    guard terminal >= 0 else { throw nobody }
    defer { close(terminal) }
    var before = termios()
    guard tcgetattr(terminal, &before) == 0 else { throw nobody }
    var quiet = before
    // Signals of the keyboard are off, too: who breaks it off gets an echoing terminal back.
    quiet.c_lflag &= ~tcflag_t(ECHO | ICANON | ISIG)
    isTold.store(false, ordering: .relaxed)
    let handlers = [SIGINT, SIGTERM].map { number in
      (number, signal(number) { _ in PassphrasePrompt.isTold.store(true, ordering: .relaxed) })
    }
    defer { for (number, before) in handlers { signal(number, before) } }
    guard tcsetattr(terminal, TCSAFLUSH, &quiet) == 0 else { throw nobody }
    defer {
      tcsetattr(terminal, TCSAFLUSH, &before)
      try? Output.write([UInt8(ascii: "\n")], to: terminal, called: "a line's end")
    }
    try Output.write(Array(question.utf8), to: terminal, called: "a question")
    var line = TypedLine()
    defer { line.forget() }
    while !Task.isCancelled, !isTold.load(ordering: .relaxed) {
      guard let byte = try await read(terminal) else { continue }
      switch line.take(byte) {
      case .more: continue
      case .whole: return try Passphrase(utf8: line.bytes)
      case .brokenOff: throw AnabranchError(.interrupted, "nothing was changed")
      }
    }
    throw CancellationError()
  }

  private static let nobody = AnabranchError(
    .passphraseNeeded, "there is no terminal to ask for a passphrase", remedy: "give --passphrase-file PATH")

  /// The next byte; nil where none came within a moment, and the end of a file's transmission where there will be none.
  private static func read(_ terminal: Int32) async throws -> UInt8? {
    try await withCheckedThrowingContinuation { continuation in
      DispatchQueue.global().async { continuation.resume(with: Result { try readOnce(terminal) }) }
    }
  }

  private static func readOnce(_ terminal: Int32) throws -> UInt8? {
    var asked = pollfd(fd: terminal, events: Int16(POLLIN), revents: 0)
    guard poll(&asked, 1, patienceMs) > 0 else { return nil }
    var byte: UInt8 = 0
    let count = Foundation.read(terminal, &byte, 1)
    if count == 1 { return byte }
    guard count < 0, errno == EINTR || errno == EAGAIN else { return TypedLine.endOfTransmission }
    return nil
  }
}

/// A line that somebody types, byte by byte, and corrects meanwhile.
struct TypedLine {
  private(set) var bytes: [UInt8]

  /// What a byte meant.
  enum Step {
    case more, whole, brokenOff
  }

  /// Ctrl-D: there is no more.
  static let endOfTransmission: UInt8 = 0x04

  init() {
    bytes = []
    // Nothing is left behind where it grows.
    bytes.reserveCapacity(Self.bytesMax)
  }

  /// What is typed beyond that is not kept; then it is too long for a passphrase.
  private static let bytesMax = Passphrase.bytesMax + 1

  /// Takes the next byte. Keys that mean nothing here are passed over.
  mutating func take(_ byte: UInt8) -> Step {
    switch byte {
    case 0x0A, 0x0D: return .whole
    case Self.endOfTransmission: return bytes.isEmpty ? .brokenOff : .whole
    case 0x03, 0x1C: return .brokenOff
    case 0x15: bytes.removeAll(keepingCapacity: true)
    case 0x08, 0x7F:
      // A character of UTF-8, not a byte.
      while let last = bytes.popLast(), last & 0xC0 == 0x80 {}
    case 0x20...: if bytes.count < Self.bytesMax { bytes.append(byte) }
    default: break
    }
    return .more
  }

  /// Overwrites what was typed.
  mutating func forget() {
    wipe(&bytes)
  }
}
