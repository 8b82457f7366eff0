extension String {
  /// How many Unicode scalars it has. O(bytes), some ten times as fast as stepping from one scalar to the next.
  package var scalarCount: Int {
    let counted = utf8.withContiguousStorageIfAvailable { bytes in
      // Every scalar has one byte that does not go on with another.
      bytes.reduce(into: 0) { count, byte in count += byte & 0xC0 == 0x80 ? 0 : 1 }
    }
    return counted ?? unicodeScalars.count
  }
}
