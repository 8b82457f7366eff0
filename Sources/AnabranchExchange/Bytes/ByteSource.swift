internal import Anabranch

/// Bytes of a known number that can be read from any offset, as often as wanted.
///
/// A source does not buffer and does not interpret: readers bring their own windows.
protocol ByteSource: AnyObject {
  /// How many bytes there are.
  var count: Int64 { get }

  /// Copies bytes from `offset` on into `buffer` and returns how many: at least one, unless `offset` is at
  /// or behind the end or `buffer` is empty.
  ///
  /// Throws `io` where the system refuses.
  func read(at offset: Int64, into buffer: UnsafeMutableRawBufferPointer) throws(AnabranchError) -> Int
}

extension ByteSource {
  /// The first bytes, at most `bytesMax` of them.
  func prefix(_ bytesMax: Int) throws(AnabranchError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: Int(min(Int64(bytesMax), count)))
    var filled = 0
    while filled < bytes.count {
      let got = try fill(&bytes, from: filled)
      if got == 0 { break }
      filled += got
    }
    bytes.removeLast(bytes.count - filled)
    return bytes
  }

  private func fill(_ bytes: inout [UInt8], from filled: Int) throws(AnabranchError) -> Int {
    let result = bytes.withUnsafeMutableBytes { all in
      Result { () throws(AnabranchError) in
        try read(at: Int64(filled), into: UnsafeMutableRawBufferPointer(rebasing: all[filled...]))
      }
    }
    return try result.get()
  }
}
