internal import Anabranch

extension JSONReader {
  /// Reads the next value and returns it in canonical form: no white space, keys in ascending order of the
  /// bytes they are written with and the last of equal ones kept, numbers as they stand, as few escapes as
  /// possible. Values that differ in nothing but these come out equal.
  ///
  /// Complexity: O(*n*) for objects whose keys stand in order already, else O(*n* · depth) at worst.
  func canonical() throws(AnabranchError) -> [UInt8] {
    if try kind() == .null {
      try null()
      return Array("null".utf8)
    }
    var writer = CanonicalWriter()
    repeat {
      try copyValue(to: &writer)
      try closeContainers(in: &writer)
    } while !writer.isComplete
    return writer.output
  }

  private func copyValue(to writer: inout CanonicalWriter) throws(AnabranchError) {
    guard let kind = try kind() else { throw expected("a value") }
    switch kind {
    case .object:
      try beginObject()
      writer.open(isObject: true)
    case .array:
      try beginArray()
      writer.open(isObject: false)
    case .string:
      try decodeString()
      appendScratch(to: &writer.output)
    case .number:
      try decodeNumber()
      writer.output.append(contentsOf: scratch)
    case .bool: writer.output.append(contentsOf: try bool() ? "true".utf8 : "false".utf8)
    case .null:
      try null()
      writer.output.append(contentsOf: "null".utf8)
    }
  }

  /// Goes on to where the next value begins, and closes what has ended on the way.
  private func closeContainers(in writer: inout CanonicalWriter) throws(AnabranchError) {
    while let isObject = writer.isInObject {
      if isObject {
        writer.endMember()
        if try decodeKey() {
          writer.beginMember()
          appendScratch(to: &writer.output)
          writer.endKey()
          return
        }
      } else if try nextElement() {
        writer.beginElement()
        return
      }
      writer.close()
    }
  }

  /// Appends the string in ``scratch`` in quotes, mended where it is not UTF-8.
  private func appendScratch(to output: inout [UInt8]) {
    if scratch.allSatisfy({ $0 < 0x80 }) {
      scratch.withUnsafeBufferPointer { JSONEscaping.append($0, to: &output) }
    } else {
      JSONEscaping.append(scratchText(), to: &output)
    }
  }
}
