/// Cuts a stream of bytes into frames: four bytes of length, most significant first, then as many bytes.
///
/// Refuses a length above its limit before reading what it announces, and from then on.
struct LengthFramer: Sendable {
  private let bytesMax: Int
  private var buffer: [UInt8] = []
  private var start = 0
  private static let lengthBytes = 4

  /// A framer at the beginning of a stream whose frames have at most `bytesMax` bytes.
  init(bytesMax: Int) {
    self.bytesMax = bytesMax
  }

  /// `frame` with its length before it. Throws above the limit.
  func framed(_ frame: [UInt8]) throws(TransportError) -> [UInt8] {
    guard frame.count <= bytesMax else { throw tooLong(frame.count) }
    let length = UInt32(frame.count)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(Self.lengthBytes + frame.count)
    for shift: UInt32 in [24, 16, 8, 0] { bytes.append(UInt8(truncatingIfNeeded: length >> shift)) }
    return bytes + frame
  }

  /// Takes over bytes as they came. O(bytes).
  mutating func append(_ bytes: [UInt8]) {
    if start > 0 {
      buffer.removeFirst(start)
      start = 0
    }
    buffer += bytes
  }

  /// The next whole frame, or nil until more bytes come.
  mutating func next() throws(TransportError) -> [UInt8]? {
    guard buffer.count - start >= Self.lengthBytes else { return nil }
    let length = buffer[start..<start + Self.lengthBytes].reduce(0) { $0 << 8 | Int($1) }
    guard length <= bytesMax else { throw tooLong(length) }
    let end = start + Self.lengthBytes + length
    guard buffer.count >= end else { return nil }
    defer { start = end }
    return Array(buffer[start + Self.lengthBytes..<end])
  }

  /// Whether bytes of an unfinished frame are left.
  var isInFrame: Bool {
    buffer.count > start
  }

  private func tooLong(_ length: Int) -> TransportError {
    TransportError(.limit, "expected a frame of at most \(bytesMax) bytes, got \(length)")
  }
}
