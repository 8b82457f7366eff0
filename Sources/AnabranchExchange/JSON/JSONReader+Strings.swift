internal import Anabranch

extension JSONReader {
  /// Reads a string and leaves its bytes, escapes resolved, in ``scratch``.
  func decodeString() throws(AnabranchError) {
    guard try significantByte() == UInt8(ascii: "\"") else { throw expected("a text") }
    index += 1
    scratch.removeAll(keepingCapacity: true)
    var high: UInt32?
    while true {
      if index == filled, try !refill() { throw expected("the end of a text") }
      let end = ByteRuns.plainEnd(window, from: index, to: filled)
      if end > index {
        settle(&high)
        scratch.append(contentsOf: UnsafeBufferPointer(start: window + index, count: end - index))
        index = end
      }
      guard index < filled else { continue }
      let stop = window[index]
      index += 1
      if stop == UInt8(ascii: "\"") { break }
      try decodeEscape(&high)
    }
    settle(&high)
  }

  /// The text in ``scratch``; what is not UTF-8 in it becomes U+FFFD and is counted.
  func scratchText() -> String {
    if let text = String(utf8: scratch) { return text }
    repairs.invalidTexts += 1
    return String(decoding: scratch, as: UTF8.self)
  }

  /// Reads what follows a backslash. `high` is the first half of a pair that waits for its second.
  private func decodeEscape(_ high: inout UInt32?) throws(AnabranchError) {
    guard let letter = try takeByte() else { throw expected("the end of a text") }
    if letter == UInt8(ascii: "u") {
      try decodeUnit(&high)
      return
    }
    settle(&high)
    switch letter {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): scratch.append(letter)
    case UInt8(ascii: "b"): scratch.append(0x08)
    case UInt8(ascii: "f"): scratch.append(0x0C)
    case UInt8(ascii: "n"): scratch.append(0x0A)
    case UInt8(ascii: "r"): scratch.append(0x0D)
    case UInt8(ascii: "t"): scratch.append(0x09)
    default:
      index -= 1
      throw expected("one of \" \\ / b f n r t u after a backslash")
    }
  }

  private func decodeUnit(_ high: inout UInt32?) throws(AnabranchError) {
    var unit: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = try takeByte() else { throw expected("four hexadecimal digits after \\u") }
      guard let digit = Self.hexValue(byte) else {
        index -= 1
        throw expected("four hexadecimal digits after \\u")
      }
      unit = unit << 4 | digit
    }
    if let first = high, (0xDC00...0xDFFF).contains(unit) {
      high = nil
      append(0x10000 + (first - 0xD800) << 10 + (unit - 0xDC00))
      return
    }
    settle(&high)
    switch unit {
    case 0xD800...0xDBFF: high = unit
    case 0xDC00...0xDFFF: replaceSurrogate()
    default: append(unit)
    }
  }

  /// Gives up waiting for the second half of a pair.
  private func settle(_ high: inout UInt32?) {
    guard high != nil else { return }
    high = nil
    replaceSurrogate()
  }

  private func replaceSurrogate() {
    repairs.loneSurrogates += 1
    append(0xFFFD)
  }

  /// Appends a scalar's UTF-8. `value` is never a surrogate and at most 0x10FFFF, which is what two
  /// surrogates of ten bits each make.
  private func append(_ value: UInt32) {
    guard let scalar = Unicode.Scalar(value), let bytes = UTF8.encode(scalar) else { return }
    scratch.append(contentsOf: bytes)
  }

  private static func hexValue(_ byte: UInt8) -> UInt32? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0"))
    case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(byte - UInt8(ascii: "a") + 10)
    case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte - UInt8(ascii: "A") + 10)
    default: nil
    }
  }
}
