internal import Anabranch
internal import Dispatch
internal import Foundation

/// What comes on standard input, as text, piece by piece as it comes.
///
/// Nothing is read ahead: who does not ask keeps the writer waiting. Ends where the task is cancelled, too.
struct StandardInput: AsyncSequence, AsyncIteratorProtocol {
  private var text = TextPieces()
  private var hasEnded = false

  /// Bytes that are read at once.
  private static let bytesMax = 16_384
  /// How long a task that is cancelled may go on waiting.
  private static let patienceMs: Int32 = 50

  func makeAsyncIterator() -> StandardInput {
    self
  }

  /// The next piece, not empty; nil at the end. Throws for what is not UTF-8.
  mutating func next() async throws -> String? {
    while !hasEnded, !Task.isCancelled {
      guard let bytes = try await Self.read() else { continue }
      hasEnded = bytes.isEmpty
      let piece = hasEnded ? try text.end() : try text.add(bytes)
      if !piece.isEmpty { return piece }
    }
    return nil
  }

  /// The next line, or what there is of it at the end, or when the task is cancelled. What comes with it behind it is lost: for
  /// what a person types, a line at a time.
  static func line() async throws -> String {
    var bytes: [UInt8] = []
    while !Task.isCancelled, !bytes.contains(UInt8(ascii: "\n")) {
      guard let more = try await read() else { continue }
      if more.isEmpty { break }
      bytes += more
    }
    return String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
  }

  /// What is there by now, empty at the end; nil where nothing came within a moment.
  private static func read() async throws -> [UInt8]? {
    try await withCheckedThrowingContinuation { continuation in
      DispatchQueue.global().async { continuation.resume(with: Result { try readOnce() }) }
    }
  }

  private static func readOnce() throws -> [UInt8]? {
    var asked = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
    guard poll(&asked, 1, patienceMs) > 0 else { return nil }
    var bytes = [UInt8](repeating: 0, count: bytesMax)
    let count = Foundation.read(STDIN_FILENO, &bytes, bytesMax)
    if count < 0 {
      guard errno != EINTR, errno != EAGAIN else { return nil }
      throw AnabranchError(.io, "standard input cannot be read: \(String(cString: strerror(errno)))")
    }
    return Array(bytes[..<count])
  }
}
