package import Anabranch

/// What ``JSONReader`` makes of the first value of some bytes: a door for whoever holds it to its promises with bytes of its own.
package struct JSONValue: Equatable {
  /// Its canonical form.
  package var canonical: [UInt8]
  /// Where it ends, and nothing but white space, or another value, follows.
  package var end: Int64
  /// Whether its texts had to be mended.
  package var isMended: Bool

  /// A value with that canonical form.
  package init(canonical: [UInt8], end: Int64, isMended: Bool) {
    self.canonical = canonical
    self.end = end
    self.isMended = isMended
  }

  /// The first value in `bytes`, behind a byte order mark perhaps, read through a window of `windowBytes`. Throws `format`
  /// where there is none.
  package init(firstIn bytes: [UInt8], windowBytes: Int) throws(AnabranchError) {
    let reader = JSONReader(MemorySource(bytes), windowBytes: windowBytes)
    try reader.skipByteOrderMark()
    canonical = try reader.canonical()
    end = reader.offset
    isMended = !reader.repairs.isEmpty
  }

  /// Where that value ends, without reading what is in it. Throws `format` as far as that is noticed.
  package static func end(in bytes: [UInt8], windowBytes: Int) throws(AnabranchError) -> Int64 {
    let reader = JSONReader(MemorySource(bytes), windowBytes: windowBytes)
    try reader.skipByteOrderMark()
    return try reader.skip().upperBound
  }
}
