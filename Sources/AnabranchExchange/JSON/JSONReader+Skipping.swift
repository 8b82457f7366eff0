internal import Anabranch

extension JSONReader {
  /// Passes over the next value and returns where it lies.
  ///
  /// Only quotes and brackets are looked at: whoever reads the range later finds what else is wrong with it.
  /// Complexity: one look at each byte; strings are passed eight bytes at a time.
  @discardableResult
  func skip() throws(AnabranchError) -> Range<Int64> {
    guard let kind = try kind() else { throw expected("a value") }
    let start = offset
    switch kind {
    case .object, .array: try skipContainer()
    case .string:
      index += 1
      try skipString()
    case .number: try decodeNumber()
    case .bool: _ = try bool()
    case .null: try null()
    }
    return start..<offset
  }

  private func skipContainer() throws(AnabranchError) {
    var open = 0
    repeat {
      if index == filled, try !refill() { throw expected("the end of an object or a list") }
      var at = index
      let end = filled
      var isAtQuote = false
      scan: while at < end {
        switch window[at] {
        case UInt8(ascii: "\""):
          isAtQuote = true
          at &+= 1
          break scan
        case UInt8(ascii: "{"), UInt8(ascii: "["): open &+= 1
        case UInt8(ascii: "}"), UInt8(ascii: "]"):
          open &-= 1
          if open == 0 {
            at &+= 1
            break scan
          }
        default: break
        }
        at &+= 1
      }
      index = at
      if isAtQuote { try skipString() }
    } while open > 0
  }

  /// Passes over the rest of a string, its opening quote taken.
  private func skipString() throws(AnabranchError) {
    while true {
      if index == filled, try !refill() { throw expected("the end of a text") }
      index = ByteRuns.plainEnd(window, from: index, to: filled)
      guard index < filled else { continue }
      let stop = window[index]
      index += 1
      if stop == UInt8(ascii: "\"") { return }
      guard try takeByte() != nil else { throw expected("the end of a text") }
    }
  }
}
