internal import Anabranch

/// The bytes of a file, read where they lie.
///
/// Its length is that at opening: what is appended later is not seen, and what is cut off later reads as an
/// early end.
final class FileSource: ByteSource {
  let count: Int64
  private let descriptor: Int32

  /// Opens the file at `path`. Throws `not-found` or `io`.
  convenience init(path: String) throws(AnabranchError) {
    try self.init(owning: SystemCalls.openForReading(path))
  }

  /// Takes an open descriptor over; it is closed with this source, and at once if this throws.
  init(owning descriptor: Int32) throws(AnabranchError) {
    do {
      self.count = try SystemCalls.size(of: descriptor)
    } catch {
      SystemCalls.release(descriptor)
      throw error
    }
    self.descriptor = descriptor
  }

  deinit {
    SystemCalls.release(descriptor)
  }

  func read(at offset: Int64, into buffer: UnsafeMutableRawBufferPointer) throws(AnabranchError) -> Int {
    guard offset >= 0, offset < count else { return 0 }
    return try SystemCalls.read(descriptor, at: offset, into: buffer)
  }
}
