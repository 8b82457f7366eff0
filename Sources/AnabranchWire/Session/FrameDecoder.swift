/// Cuts a stream of bytes into frames, however it is fragmented.
///
/// Holds at most one frame and what arrived with it, and refuses a length before reading what it announces. Once
/// it has thrown it throws the same again: there is no way to find the next frame.
public struct FrameDecoder: Sendable {
  private var buffer: [UInt8] = []
  private var start = 0
  private var failure: WireError?

  /// A decoder at the beginning of a stream.
  public init() {}

  /// Takes over bytes as they came; after a failure it drops them. O(bytes).
  public mutating func append(_ bytes: some Sequence<UInt8>) {
    guard failure == nil else { return }
    if start > 0 {
      buffer.removeFirst(start)
      start = 0
    }
    buffer.append(contentsOf: bytes)
  }

  /// How many bytes no frame was made of yet.
  public var undecodedBytes: Int {
    buffer.count - start
  }

  /// Hands over the bytes that no frame was made of yet, for somebody else to go on with.
  public mutating func takeUndecoded() -> [UInt8] {
    defer { (buffer, start) = ([], 0) }
    return Array(buffer[start...])
  }

  /// The next whole frame, or nil until more bytes come.
  public mutating func next() throws(WireError) -> Frame? {
    if let failure { throw failure }
    do throws(WireError) {
      return try decode()
    } catch {
      failure = error
      buffer = []
      start = 0
      throw error
    }
  }

  private mutating func decode() throws(WireError) -> Frame? {
    guard buffer.count - start >= Frame.lengthBytes else { return nil }
    var reader = ByteReader(buffer[start...])
    let length = Int(try reader.fixed32())
    guard (1...Limits.frameBytesMax).contains(length) else {
      throw WireError(
        .limit, "expected a frame of 1 to \(Limits.frameBytesMax) bytes, got \(length)")
    }
    guard reader.remaining >= length else { return nil }
    let body = try reader.take(length)
    start = reader.position
    return try Frame(Array(body))
  }
}
