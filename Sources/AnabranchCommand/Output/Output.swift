internal import Foundation

/// Where a command's result goes: text for people, or exactly one line of JSON.
struct Output {
  /// Whether JSON is wanted.
  let json: Bool
  /// How text looks.
  let style: Style

  /// Prints `value` as one line of JSON, or what `text` returns.
  func print(_ value: some Encodable, text: (Style) -> String) throws {
    if json {
      Self.write(try Self.line(value) + "\n")
    } else {
      let text = text(style)
      if !text.isEmpty { Self.write(text.hasSuffix("\n") ? text : text + "\n") }
    }
  }

  /// One line of JSON, keys in ascending order.
  static func line(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }

  /// Writes to standard output. Where its reader has gone, the program ends quietly.
  static func write(_ text: String) {
    write(Array(text.utf8), to: STDOUT_FILENO)
  }

  /// Writes a note for people to standard error.
  static func note(_ text: String) {
    write(Array((text + "\n").utf8), to: STDERR_FILENO)
  }

  static func write(_ bytes: [UInt8], to descriptor: Int32) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
      if count > 0 {
        rest = rest.dropFirst(count)
      } else if errno == EPIPE {
        Foundation.exit(ExitStatus.done)
      } else if errno != EINTR {
        if descriptor == STDOUT_FILENO {
          write(
            Array("anabranch: the output cannot be written: \(String(cString: strerror(errno)))\n".utf8),
            to: STDERR_FILENO)
        }
        Foundation.exit(ExitStatus.failed)
      }
    }
  }
}
