/// Numbers as JSON writes them, turned into integers where that can be done.
enum JSONNumber {
  /// The instants a calendar of four-digit years can name, in milliseconds since 1970: 0001-01-01 to the end
  /// of 9999.
  static let instants: ClosedRange<Int64> = -62_135_596_800_000...253_402_300_799_999

  /// Whether the bytes are a number of the standard's grammar.
  static func isWellFormed(_ bytes: [UInt8]) -> Bool {
    var rest = bytes[...]
    if rest.first == UInt8(ascii: "-") { rest.removeFirst() }
    let startsWithZero = rest.first == UInt8(ascii: "0")
    let whole = takeDigits(&rest)
    guard whole == 1 || (whole > 1 && !startsWithZero) else { return false }
    if rest.first == UInt8(ascii: ".") {
      rest.removeFirst()
      guard takeDigits(&rest) > 0 else { return false }
    }
    if rest.first == UInt8(ascii: "e") || rest.first == UInt8(ascii: "E") {
      rest.removeFirst()
      if rest.first == UInt8(ascii: "+") || rest.first == UInt8(ascii: "-") { rest.removeFirst() }
      guard takeDigits(&rest) > 0 else { return false }
    }
    return rest.isEmpty
  }

  /// Seconds since 1970, as `1694091234.567891`, in whole milliseconds, the rest cut off downwards; nil
  /// outside of ``instants``.
  ///
  /// Plain decimals are taken digit by digit, so that no binary fraction shifts a millisecond.
  static func milliseconds(ofSeconds text: String) -> Int64? {
    let secondsMax = instants.upperBound / 1_000
    var (seconds, thousandths): (Int64, Int64) = (0, 0)
    // What the next digit counts in thousandths, behind the point.
    var unit: Int64?
    var hasDigits = false
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"):
        let digit = Int64(byte - UInt8(ascii: "0"))
        hasDigits = true
        if let counted = unit {
          thousandths += digit * counted
          unit = counted / 10
        } else {
          seconds = min(seconds * 10 + digit, secondsMax + 1)
        }
      case UInt8(ascii: ".") where hasDigits && unit == nil: (unit, hasDigits) = (100, false)
      default: return roundedMilliseconds(text)
      }
    }
    guard hasDigits else { return roundedMilliseconds(text) }
    return seconds <= secondsMax ? seconds * 1_000 + thousandths : nil
  }

  /// The way for signs and exponents, through the nearest binary fraction.
  private static func roundedMilliseconds(_ text: String) -> Int64? {
    guard let seconds = Double(text), seconds.isFinite else { return nil }
    let instant = (seconds * 1_000).rounded(.down)
    guard instant >= Double(instants.lowerBound), instant <= Double(instants.upperBound) else { return nil }
    return Int64(instant)
  }

  private static func takeDigits(_ rest: inout ArraySlice<UInt8>) -> Int {
    let digits = rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    rest = rest.dropFirst(digits.count)
    return digits.count
  }
}
