internal import Anabranch

/// Makes text of bytes that may be cut within a scalar; keeps the last newline back until something follows it, since
/// it ends the input and not the text.
struct TextPieces {
  private var rest: [UInt8] = []

  /// The text that `bytes` complete. Throws ``AnabranchError/Code/invalid`` for what is not UTF-8.
  mutating func add(_ bytes: [UInt8]) throws(AnabranchError) -> String {
    rest += bytes
    var end = rest.count - Self.unfinished(rest)
    if end == rest.count, rest.last == UInt8(ascii: "\n") { end -= 1 }
    defer { rest.removeFirst(end) }
    return try Self.text(rest[..<end])
  }

  /// What is left at the end, but for the last newline.
  mutating func end() throws(AnabranchError) -> String {
    defer { rest = [] }
    return try Self.text(rest.last == UInt8(ascii: "\n") ? rest.dropLast() : rest[...])
  }

  /// How many of the last bytes begin a scalar that is not complete.
  private static func unfinished(_ bytes: [UInt8]) -> Int {
    for count in 1...3 where count <= bytes.count {
      let byte = bytes[bytes.count - count]
      if byte & 0xC0 == 0x80 { continue }
      let wanted = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC0 ? 2 : 1
      return wanted > count ? count : 0
    }
    return 0
  }

  private static func text(_ bytes: ArraySlice<UInt8>) throws(AnabranchError) -> String {
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw AnabranchError(.invalid, "expected text in UTF-8", remedy: "convert it, with `iconv` for example")
    }
    return text
  }
}
