internal import Anabranch

extension JSONReader {
  /// What the next value is; nil at the end of all. Throws if no value begins here.
  func kind() throws(AnabranchError) -> JSONKind? {
    guard let byte = try significantByte() else { return nil }
    guard let kind = JSONKind(firstByte: byte) else { throw expected("a value") }
    return kind
  }

  /// Enters an object; ``nextKey()`` follows.
  func beginObject() throws(AnabranchError) {
    guard try significantByte() == UInt8(ascii: "{") else { throw expected("an object") }
    try open(isObject: true)
  }

  /// The next key of the object entered last, its value to be read next; nil when the object has ended.
  func nextKey() throws(AnabranchError) -> String? {
    guard try decodeKey() else { return nil }
    return scratchText()
  }

  /// As ``nextKey()``, but leaves the key's bytes in ``scratch``.
  func decodeKey() throws(AnabranchError) -> Bool {
    guard try member(ofObject: true) else { return false }
    try decodeString()
    guard try significantByte() == UInt8(ascii: ":") else { throw expected("a colon") }
    index += 1
    return true
  }

  /// Enters a list; ``nextElement()`` follows.
  func beginArray() throws(AnabranchError) {
    guard try significantByte() == UInt8(ascii: "[") else { throw expected("a list") }
    try open(isObject: false)
  }

  /// Whether the list entered last has another value, to be read next.
  func nextElement() throws(AnabranchError) -> Bool {
    try member(ofObject: false)
  }

  /// A string, its escapes resolved.
  func string() throws(AnabranchError) -> String {
    try decodeString()
    return scratchText()
  }

  /// `true` or `false`.
  func bool() throws(AnabranchError) -> Bool {
    let isTrue = try significantByte() == UInt8(ascii: "t")
    try literal(isTrue ? "true" : "false")
    return isTrue
  }

  /// `null`.
  func null() throws(AnabranchError) {
    try literal("null")
  }

  /// A number as it is written.
  func numberText() throws(AnabranchError) -> String {
    try decodeNumber()
    return String(decoding: scratch, as: UTF8.self)
  }

  /// Leaves the bytes of a number in ``scratch``. Throws if they do not make one.
  func decodeNumber() throws(AnabranchError) {
    guard try kind() == .number else { throw expected("a number") }
    scratch.removeAll(keepingCapacity: true)
    while index < filled, Self.standsInNumber(window[index]) {
      guard scratch.count < Self.numberBytesMax else { throw expected("a number of fewer digits") }
      scratch.append(window[index])
      index += 1
      if index == filled, try !refill() { break }
    }
    guard JSONNumber.isWellFormed(scratch) else { throw expected("a well-formed number before it") }
  }

  /// Throws unless only white space is left.
  func end() throws(AnabranchError) {
    guard try significantByte() == nil else { throw expected("the end") }
  }

  private func literal(_ word: StaticString) throws(AnabranchError) {
    _ = try significantByte()
    for position in 0..<word.utf8CodeUnitCount {
      if index == filled, try !refill() { throw expected("“\(word)”") }
      guard window[index] == word.utf8Start[position] else { throw expected("“\(word)”") }
      index += 1
    }
  }

  private static func standsInNumber(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "."),
      UInt8(ascii: "e"), UInt8(ascii: "E"):
      true
    default: false
    }
  }
}
