internal import AnabranchCore

/// A file that says what crossed connections, entry by entry: `docs/format.md` has the layout.
///
/// It is only ever appended to. Each entry stands behind its length and a check of it, so that one which was cut by a crash is told from
/// one that was altered.
public enum Recording {
  /// The version of the layout.
  public static let version: UInt8 = 1
  /// What a file begins with, the version behind it.
  static let magic: [UInt8] = Array("ANBRREC".utf8)
  /// What every file begins with.
  public static let header: [UInt8] = magic + [version]
  /// Bytes before an entry: its length, and a part of its hash.
  static let headBytes = 8
  static let checkBytes = 4
  /// Bytes of an entry: a frame, and what is said of it.
  public static let entryBytesMax = 2 * Limits.frameBytesMax

  /// An entry as it stands in a file, its length first.
  public static func bytes(of entry: RecordingEntry) -> [UInt8] {
    let body = entry.canonicalBytes
    var writer = ByteWriter(capacity: body.count + headBytes)
    writer.write(fixed: UInt32(clamping: body.count))
    writer.write(check(of: body))
    writer.write(body)
    return writer.bytes
  }

  /// The first bytes of a hash over an entry.
  static func check(of body: [UInt8]) -> ArraySlice<UInt8> {
    Hashing.hash(.recording, body[...]).bytes.prefix(checkBytes)
  }
}

/// Reads a recording, however it is cut into pieces.
///
/// Holds at most one entry and what arrived with it, and refuses a length before reading what it announces. Once it has thrown it
/// throws the same again. What is left when the file ends is an entry that was cut.
public struct RecordingDecoder: Sendable {
  private var buffer: [UInt8] = []
  private var start = 0
  private var failure: WireError?
  private var awaitsHeader: Bool
  /// Where in the file the next entry begins.
  public private(set) var position: UInt64

  /// A decoder at the beginning of a file.
  public init() {
    (awaitsHeader, position) = (true, 0)
  }

  /// A decoder in the middle of a file: an entry begins at `position`.
  public init(at position: UInt64) {
    (awaitsHeader, self.position) = (false, position)
  }

  /// Takes the next bytes of the file; after a failure it drops them. O(bytes).
  public mutating func append(_ bytes: [UInt8]) {
    guard failure == nil else { return }
    if start > 0 {
      buffer.removeFirst(start)
      start = 0
    }
    buffer += bytes
  }

  /// How many bytes no entry was made of yet.
  public var undecodedBytes: Int {
    buffer.count - start
  }

  /// The next entry; nil until more bytes come.
  public mutating func next() throws(WireError) -> RecordingEntry? {
    if let failure { throw failure }
    do throws(WireError) {
      return try decode()
    } catch {
      failure = error
      (buffer, start) = ([], 0)
      throw error
    }
  }

  private mutating func decode() throws(WireError) -> RecordingEntry? {
    if awaitsHeader {
      let known = buffer.prefix(Recording.magic.count)
      guard Recording.magic.starts(with: known) else {
        throw WireError(.invalid, "expected a file that begins with ANBRREC")
      }
      guard buffer.count >= Recording.header.count else { return nil }
      let version = buffer[Recording.magic.count]
      guard version == Recording.version else {
        throw WireError(.version, "expected a recording of version \(Recording.version), got \(version)")
      }
      awaitsHeader = false
      advance(Recording.header.count)
    }
    var reader = ByteReader(buffer[start...])
    guard reader.remaining >= Recording.headBytes else { return nil }
    let length = Int(try reader.fixed32())
    guard (1...Recording.entryBytesMax).contains(length) else {
      throw WireError(.limit, "expected an entry of 1 to \(Recording.entryBytesMax) bytes, got \(length)")
    }
    let check = try reader.take(Recording.checkBytes)
    guard reader.remaining >= length else { return nil }
    let body = Array(try reader.take(length))
    guard Recording.check(of: body).elementsEqual(check) else {
      throw WireError(.hash, "expected an entry that is as it was written, got one that was altered")
    }
    let entry = try RecordingEntry(canonicalBytes: body)
    advance(Recording.headBytes + length)
    return entry
  }

  private mutating func advance(_ count: Int) {
    start += count
    position &+= UInt64(count)
  }
}
