internal import Anabranch
internal import Foundation
internal import Synchronization

/// Where a command's result goes: text for people, or exactly one line of JSON.
struct Output {
  /// Whether JSON is wanted.
  let json: Bool
  /// How text looks.
  let style: Style

  /// Prints `value` as one line of JSON, or what `text` returns.
  func print(_ value: some Encodable, text: (Style) -> String) throws {
    if json {
      try Self.write(try Self.line(value) + "\n")
    } else {
      let text = text(style)
      if !text.isEmpty { try Self.write(text.hasSuffix("\n") ? text : text + "\n") }
    }
  }

  /// One line of JSON, keys in ascending order.
  static func line(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }

  /// Writes to standard output.
  static func write(_ text: String) throws(AnabranchError) {
    try write(Array(text.utf8), to: STDOUT_FILENO, called: "the output")
  }

  /// Draws on the terminal, over what was drawn before.
  static func draw(_ text: String) throws(AnabranchError) {
    try put(Array(text.utf8)[...], to: STDOUT_FILENO, called: "the output", remedy: "")
  }

  /// What a command that may be run again has written where nothing can be taken back: to standard output, and to devices and pipes.
  private static let printed = Mutex<[Int32: PrintedOutput]>([:])
  /// Those devices and pipes, by name.
  private static let pipes = Mutex<[String: Int32]>([:])

  /// A run of `body`, which writes what an earlier run has written there, and more: only that is printed. Throws
  /// ``AnabranchError/Code/damaged`` where it writes something else.
  static func again(_ body: () async throws -> Void) async throws {
    printed.withLock { printed in
      printed[STDOUT_FILENO, default: PrintedOutput()].beginAgain()
      for descriptor in printed.keys { printed[descriptor]?.beginAgain() }
    }
    try await body()
    guard printed.withLock({ $0.values.allSatisfy(\.isAllAgain) }) else { throw AnabranchError.printedOtherwise }
  }

  /// The device or pipe at `path`, opened for writing; below zero where it cannot be. It stays open to the end of the process: who reads
  /// from a pipe goes away when it is closed, and a command may be run again.
  static func pipe(_ path: String) -> Int32 {
    pipes.withLock { pipes in
      if let descriptor = pipes[path] { return descriptor }
      let descriptor = open(path, O_WRONLY | O_CLOEXEC)
      guard descriptor >= 0 else { return descriptor }
      pipes[path] = descriptor
      printed.withLock { $0[descriptor] = PrintedOutput() }
      return descriptor
    }
  }

  /// Writes a note for people to standard error. Where nobody reads that, there is nobody to tell.
  static func note(_ text: String) {
    try? write(Array((text + "\n").utf8), to: STDERR_FILENO, called: "a note")
  }

  /// Writes all of `bytes` to what people know as `name`.
  ///
  /// Throws ``AnabranchError/Code/readerGone`` where nobody reads it any more, and why it cannot be written else.
  static func write(
    _ bytes: [UInt8], to descriptor: Int32, called name: String, remedy: String = ""
  ) throws(AnabranchError) {
    guard let new = printed.withLock({ $0[descriptor] == nil ? bytes[...] : $0[descriptor]?.take(bytes) }) else {
      throw AnabranchError.printedOtherwise
    }
    try put(new, to: descriptor, called: name, remedy: remedy)
  }

  private static func put(
    _ bytes: ArraySlice<UInt8>, to descriptor: Int32, called name: String, remedy: String
  ) throws(AnabranchError) {
    var rest = bytes
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
      if count >= 0 {
        rest = rest.dropFirst(count)
      } else if errno != EINTR {
        throw AnabranchError(writing: name, errno, remedy: remedy)
      }
    }
  }
}

extension AnabranchError.Code {
  /// Nobody reads the output any more, as behind `| head -1`: no failure, and nothing to say.
  static let readerGone = Self(rawValue: "reader-gone")
}

extension AnabranchError {
  /// What was printed cannot be gone on with.
  fileprivate static let printedOtherwise = Self(
    .damaged, "the file turned out to be damaged, and what can be read of it differs from what was printed by then",
    remedy: "take nothing from what was printed; with -o FILE, that has what can be read")

  /// Why the system does not write to what people know as `name`; `remedy` is what else can be done than to mend that.
  init(writing name: String, _ number: Int32, remedy: String = "") {
    let words = String(cString: strerror(number))
    func mending(_ first: String) -> String { first + (remedy.isEmpty ? "" : ", or \(remedy)") }
    switch number {
    case EPIPE: self.init(.readerGone, "nobody reads \(name)")
    case ENOSPC, EDQUOT:
      self.init(.diskFull, "\(name) cannot be written: \(words)", remedy: mending("free some space"))
    case ENOENT:
      self.init(.io, "\(name) cannot be written: \(words)", remedy: mending("check that its folder exists"))
    case EACCES, EPERM:
      self.init(.io, "\(name) cannot be written: \(words)", remedy: mending("check that you may write there"))
    default: self.init(.io, "\(name) cannot be written: \(words)", remedy: remedy)
    }
  }
}
