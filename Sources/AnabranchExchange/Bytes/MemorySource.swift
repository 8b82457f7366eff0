internal import Anabranch

/// Bytes in memory, such as a beginning taken out of an archive.
final class MemorySource: ByteSource {
  private let bytes: [UInt8]

  /// These bytes.
  init(_ bytes: [UInt8]) {
    self.bytes = bytes
  }

  var count: Int64 { Int64(bytes.count) }

  func read(at offset: Int64, into buffer: UnsafeMutableRawBufferPointer) throws(AnabranchError) -> Int {
    guard offset >= 0, offset < count else { return 0 }
    let part = bytes[Int(offset)...].prefix(buffer.count)
    buffer.copyBytes(from: part)
    return part.count
  }
}
