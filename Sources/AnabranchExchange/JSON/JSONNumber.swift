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
    let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard parts.count <= 2, let whole = digits(parts[0]),
      let fraction = digits(parts.count == 2 ? parts[1] : "0"[...].utf8)
    else {
      return roundedMilliseconds(text)
    }
    guard let seconds = Int64(whole), seconds <= instants.upperBound / 1_000 else { return nil }
    let thousandths = Int64((fraction + "00").prefix(3)) ?? 0
    let instant = seconds * 1_000 + thousandths
    return instants.contains(instant) ? instant : nil
  }

  /// The way for signs and exponents, through the nearest binary fraction.
  private static func roundedMilliseconds(_ text: String) -> Int64? {
    guard let seconds = Double(text), seconds.isFinite else { return nil }
    let instant = (seconds * 1_000).rounded(.down)
    guard instant >= Double(instants.lowerBound), instant <= Double(instants.upperBound) else { return nil }
    return Int64(instant)
  }

  private static func digits(_ part: Substring.UTF8View) -> String? {
    guard !part.isEmpty, part.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
      return nil
    }
    return String(part)
  }

  private static func takeDigits(_ rest: inout ArraySlice<UInt8>) -> Int {
    let digits = rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    rest = rest.dropFirst(digits.count)
    return digits.count
  }
}
