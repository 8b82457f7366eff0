/// Writes texts as JSON strings with no more escapes than the standard demands.
enum JSONEscaping {
  /// Appends `text` in quotes.
  static func append(_ text: String, to output: inout [UInt8]) {
    var copy = text
    copy.withUTF8 { append($0, to: &output) }
  }

  /// Appends bytes that are UTF-8, in quotes: the quote, the backslash and what lies below U+0020 are
  /// escaped, in two letters where there are two; everything else stands as it is.
  static func append(_ bytes: UnsafeBufferPointer<UInt8>, to output: inout [UInt8]) {
    output.append(UInt8(ascii: "\""))
    var start = 0
    for at in 0..<bytes.count where needsEscape[Int(bytes[at])] {
      output.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[start..<at]))
      appendEscape(bytes[at], to: &output)
      start = at + 1
    }
    output.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[start...]))
    output.append(UInt8(ascii: "\""))
  }

  private static let needsEscape: [Bool] = (0..<256).map { byte in
    byte < 0x20 || byte == Int(UInt8(ascii: "\"")) || byte == Int(UInt8(ascii: "\\"))
  }

  private static let hexDigits = Array("0123456789abcdef".utf8)

  private static func appendEscape(_ byte: UInt8, to output: inout [UInt8]) {
    output.append(UInt8(ascii: "\\"))
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"): output.append(byte)
    case 0x08: output.append(UInt8(ascii: "b"))
    case 0x09: output.append(UInt8(ascii: "t"))
    case 0x0A: output.append(UInt8(ascii: "n"))
    case 0x0C: output.append(UInt8(ascii: "f"))
    case 0x0D: output.append(UInt8(ascii: "r"))
    default:
      output.append(contentsOf: "u00".utf8)
      output.append(hexDigits[Int(byte >> 4)])
      output.append(hexDigits[Int(byte & 15)])
    }
  }
}
