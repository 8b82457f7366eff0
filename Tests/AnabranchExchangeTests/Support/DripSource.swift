import Anabranch

@testable import AnabranchExchange

/// Gives its bytes one at a time, however many are asked for.
final class DripSource: ByteSource {
  private let bytes: [UInt8]

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
  }

  var count: Int64 { Int64(bytes.count) }

  func read(at offset: Int64, into buffer: UnsafeMutableRawBufferPointer) throws(AnabranchError) -> Int {
    guard offset >= 0, offset < count, !buffer.isEmpty else { return 0 }
    buffer[0] = bytes[Int(offset)]
    return 1
  }
}
