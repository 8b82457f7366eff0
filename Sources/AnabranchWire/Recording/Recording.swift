internal import AnabranchCore

/// A file that says what crossed connections, entry by entry: `docs/format.md` has the layout.
///
/// It is only ever appended to.
public enum Recording {
  /// The version of the layout.
  public static let version: UInt8 = 1
  /// Bytes of an entry: a frame, and what is said of it.
  public static let entryBytesMax = 2 * Limits.frameBytesMax
  static let framing = EntryFraming(
    magic: Array("ANBRREC".utf8), version: version, domain: .recording, entryBytesMax: entryBytesMax,
    name: "a recording")
  /// What every file begins with.
  public static let header: [UInt8] = framing.header

  /// An entry as it stands in a file, its length first.
  public static func bytes(of entry: RecordingEntry) -> [UInt8] {
    framing.bytes(of: entry.canonicalBytes)
  }
}

/// Reads a recording, however it is cut into pieces.
///
/// Holds at most one entry and what arrived with it, and refuses a length before reading what it announces. Once it has thrown it
/// throws the same again. What is left when the file ends is an entry that was cut.
public struct RecordingDecoder: Sendable {
  private var entries: EntryDecoder

  /// A decoder at the beginning of a file.
  public init() {
    entries = EntryDecoder(Recording.framing)
  }

  /// A decoder in the middle of a file: an entry begins at `position`.
  public init(at position: UInt64) {
    entries = EntryDecoder(Recording.framing, at: position)
  }

  /// Where in the file the next entry begins.
  public var position: UInt64 {
    entries.position
  }

  /// Takes the next bytes of the file; after a failure it drops them. O(bytes).
  public mutating func append(_ bytes: [UInt8]) {
    entries.append(bytes)
  }

  /// How many bytes no entry was made of yet.
  public var undecodedBytes: Int {
    entries.undecodedBytes
  }

  /// The next entry; nil until more bytes come.
  public mutating func next() throws(WireError) -> RecordingEntry? {
    try entries.next { (body) throws(WireError) in try RecordingEntry(canonicalBytes: body) }
  }
}
