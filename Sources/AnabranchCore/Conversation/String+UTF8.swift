extension String {
  /// The text whose UTF-8 is `bytes`; nil where they are not UTF-8.
  ///
  /// What `String(validating:as:)` gives, which asks the runtime for its types at every call: that took a sixth of the
  /// time of reading an export. O(bytes).
  @inlinable
  package init?(utf8 bytes: some Collection<UInt8>) {
    guard let text = bytes.withContiguousStorageIfAvailable({ Self.validated($0) }) else {
      self.init(validating: bytes, as: UTF8.self)
      return
    }
    guard let text else { return nil }
    self = text
  }

  @usableFromInline
  package static func validated(_ bytes: UnsafeBufferPointer<UInt8>) -> String? {
    var text = String(decoding: bytes, as: UTF8.self)
    // Whatever is not UTF-8 was mended, and so is not what it was.
    return text.withUTF8 { UnsafeRawBufferPointer($0).hasSameBytes(as: UnsafeRawBufferPointer(bytes)) } ? text : nil
  }
}

extension UnsafeRawBufferPointer {
  /// Whether both hold the same bytes, compared eight at a time.
  package func hasSameBytes(as other: Self) -> Bool {
    guard count == other.count else { return false }
    let whole = count & ~7
    for offset in stride(from: 0, to: whole, by: 8) {
      let first = loadUnaligned(fromByteOffset: offset, as: UInt64.self)
      guard first == other.loadUnaligned(fromByteOffset: offset, as: UInt64.self) else { return false }
    }
    return (whole..<count).allSatisfy { self[$0] == other[$0] }
  }
}
