extension String {
  /// How many Unicode scalars it has. O(bytes), some ten times as fast as stepping from one scalar to the next.
  package var scalarCount: Int {
    let counted = utf8.withContiguousStorageIfAvailable { UnsafeRawBufferPointer($0).scalarCount }
    return counted ?? unicodeScalars.count
  }
}

extension UnsafeRawBufferPointer {
  /// How many Unicode scalars it has, as UTF-8. O(bytes).
  var scalarCount: Int {
    count - continuationBytes
  }

  /// How many bytes go on with a scalar that an earlier one begins: those of the form 10xxxxxx. Eight at a time.
  fileprivate var continuationBytes: Int {
    let words = count & ~7
    var found = 0
    for offset in stride(from: 0, to: words, by: 8) {
      let word = loadUnaligned(fromByteOffset: offset, as: UInt64.self)
      found &+= (word &>> 7 & ~word &>> 6 & 0x0101_0101_0101_0101).nonzeroBitCount
    }
    for byte in self[words...] where byte & 0xC0 == 0x80 { found &+= 1 }
    return found
  }
}
